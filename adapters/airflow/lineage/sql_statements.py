"""The tables, files and stages of one SQL statement, from the tree that sqlglot makes of it."""

import re
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from adapters.airflow.lineage.sql_words import in_hdfs, place

SYSTEM_SCHEMAS = frozenset(
    {
        "information_schema",
        "pg_catalog",
        "sys",
        "sqlite_master",
        "sqlite_schema",
        "pg_temp",
        "svv",
        "performance_schema",
    }
)
_SYSTEM_TABLES = frozenset(
    "dual sqlite_master sqlite_schema sysdummy1 __tables__ __tables_summary__".split()  # noqa: SIM905
)
# What a server tells of itself under names without a schema, as the servers' manuals list them;
# last Trino's and ClickHouse's, which have one.
_OF_THE_SERVER = re.compile(
    r"pg_(stat|statio|timezone|replication|publication|subscription|user_mapping)s?(_\w+)?"
    r"|pg_(class|tables|views|matviews|index|indexes|sequences?|rules|namespace|attribute|attrdef"
    r"|type|proc|constraint|depend|shdepend|rewrite|trigger|event_trigger|inherits|enum|range|am"
    r"|cast|collation|conversion|operator|opclass|opfamily|aggregate|language|description"
    r"|shdescription|seclabel|extension|foreign_server|foreign_table|foreign_data_wrapper"
    r"|largeobject|partitioned_table|policy|policies|database|tablespace|authid|auth_members|roles"
    r"|group|user|shadow|settings|file_settings|locks|cursors|prepared_statements|prepared_xacts"
    r"|available_extensions|table_def|user_info|database_info|class_info|external_schema)"
    r"|(svv|svl|stv|svcs)_\w+|g?v\$\w+|sys(objects|columns|indexes|databases|users|tables|types)"
    r"|(all|user|dba)_(tables|tab_columns|tab_cols|cons_columns|ind_columns|tab_partitions"
    r"|tab_statistics|col_comments|tab_comments|tab_privs|mviews)"
    r"|system\.(runtime|metadata|jdbc)\.\w+"
    r"|system\.(tables|columns|parts|databases|processes|merges|mutations|replicas|settings|one"
    r"|numbers|metrics|events|clusters|disks|dictionaries|query_log)",
    re.IGNORECASE,
)
TOUCHES_DATA = (
    exp.Query,
    exp.Insert,
    exp.Create,
    exp.Merge,
    exp.Update,
    exp.Delete,
    exp.LoadData,
    exp.TruncateTable,
    exp.Copy,
    exp.MultitableInserts,
)
_HAS_ONE_TARGET = (exp.Insert, exp.Create, exp.Merge, exp.Update, exp.Delete, exp.LoadData)
_FILE_ENDINGS = (".parquet", ".csv", ".json", ".csv.gz", ".xlsx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one statement reads and writes: tables as written (dotted, unquoted), files as URLs,
    stages with their `@`; and the routines it calls. `line` counts from 1.

    `confidence` is below 1 where no parser could read it and only its words tell. `makes_sure` of
    `CREATE TABLE IF NOT EXISTS`: it may have changed nothing, and puts no row into the table.
    `moves` of a table that gets another name.
    """

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    line: int
    calls: tuple[str, ...] = field(default=())
    confidence: float = 1.0
    makes_sure: bool = False
    moves: bool = False


def statement_of(tree: Any, line: int) -> Statement:
    """What the tree reads and writes, without CTEs, functions and system tables."""
    targets = _targets(tree)
    own = {id(target) for target in (*targets, tree.this)}
    writes = dict.fromkeys(name_of(target) for target in targets if _counts(target))
    reads = dict.fromkeys(
        name_of(table)
        for table in tree.find_all(exp.Table)
        if id(table) not in own and _counts(table) and not _is_cte(table)
    )
    reads.update(dict.fromkeys(_files_read(tree)))
    files = _files_of(tree)
    if _makes_from_files(tree):
        reads.update(dict.fromkeys(files))
    else:
        writes.update(dict.fromkeys(files))
    if isinstance(tree, exp.Update):
        reads.update(writes)  # it changes rows in place
    for each in _changes_inside(tree):
        if isinstance(each, exp.Update) or each.args.get("returning") is not None:
            reads.update(dict.fromkeys(map(name_of, _old_rows_of(each))))
    aliases = {target.alias for target in targets if target.alias}
    return Statement(
        reads=tuple(name for name in reads if name and name not in aliases),
        writes=tuple(name for name in writes if name),
        line=line,
        calls=tuple(dict.fromkeys(_calls(tree))),
        makes_sure=_only_makes_sure(tree),
    )


def _only_makes_sure(tree: Any) -> bool:
    return (
        isinstance(tree, exp.Create)
        and bool(tree.args.get("exists"))
        and tree.args.get("expression") is None
    )


def creates_something_else(tree: Any) -> bool:
    """A function, an index, a schema: no data."""
    return isinstance(tree, exp.Create) and str(tree.args.get("kind") or "").upper() not in (
        "TABLE",
        "VIEW",
        "MODEL",
    )


def target_of(tree: Any) -> exp.Expression | None:
    """The table behind `INSERT INTO t (a, b)`, `UPDATE t AS x`; for `DELETE x FROM t x` the table
    of that alias.
    """
    target = tree.this
    while isinstance(target, (exp.Schema, exp.Subquery, exp.Paren, exp.PartitionedByProperty)):
        target = target.this
    if target is None and isinstance(tree, exp.Delete):
        tables = tree.args.get("tables") or []
        target = tables[0] if tables else None
    if isinstance(tree, (exp.Update, exp.Delete)) and isinstance(target, exp.Table):
        target = _behind_alias(tree, target)
    return target if isinstance(target, exp.Expression) else None


def is_temporary(tree: exp.Create) -> bool:
    """Whether it makes a table that ends with the session."""
    properties = tree.args.get("properties")
    return properties is not None and properties.find(exp.TemporaryProperty) is not None


def name_of(table: exp.Expression | None) -> str:
    """The dotted name of a table, `#x` for one that T-SQL drops by itself; of a file, its URL."""
    if not isinstance(table, exp.Table):
        return ""
    parts = [part for part in table.parts if isinstance(part, exp.Identifier) and part.name]
    names = [("#" if part.args.get("temporary") else "") + part.name for part in parts]
    stage = table.this.name if isinstance(table.this, exp.Var) else ""
    if stage.startswith("@"):
        return stage.rstrip("/").replace('"', "")
    last = names[-1] if names else ""
    if "://" in last or (len(names) == 1 and last.endswith(_FILE_ENDINGS)):
        return place(last) or ""
    return ".".join(names)


def _behind_alias(tree: Any, target: exp.Table) -> exp.Table:
    """`UPDATE x SET … FROM t x`: the table whose alias the target is."""
    if target.db or target.alias:
        return target
    tables: list[exp.Table] = [table for table in tree.find_all(exp.Table) if table is not target]
    alias = target.name.lower()
    return next((table for table in tables if table.alias.lower() == alias), target)


def _changes_inside(tree: Any) -> list[Any]:
    """Postgres' `WITH gone AS (DELETE FROM t RETURNING *) SELECT …`."""
    return [cte.this for cte in tree.find_all(exp.CTE) if isinstance(cte.this, _HAS_ONE_TARGET)]


def _old_rows_of(tree: Any) -> list[exp.Expression]:
    """The table whose rows an UPDATE changes in place, or a DELETE hands on."""
    target = None if isinstance(tree, exp.Insert) else target_of(tree)
    return [target] if isinstance(target, exp.Table) and _counts(target) else []


def _targets(tree: Any) -> list[exp.Table]:
    found = [target_of(each) for each in _changes_inside(tree)]
    if isinstance(tree, _HAS_ONE_TARGET) or (isinstance(tree, exp.Copy) and tree.args.get("kind")):
        found.append(target_of(tree))
    elif isinstance(tree, exp.TruncateTable):
        found += tree.expressions
    elif isinstance(tree, exp.MultitableInserts):
        found += [target_of(insert) for insert in tree.find_all(exp.Insert)]
    if isinstance(tree, exp.Create):
        found += [each.this for each in tree.find_all(exp.ToTableProperty)]
    found += [into.this for into in tree.find_all(exp.Into)]
    return [target for target in found if isinstance(target, exp.Table)]


def _files_read(tree: Any) -> list[str]:
    """The files that functions in place of tables read: `FROM read_parquet('s3://lake/x')`."""
    return [
        found
        for table in tree.find_all(exp.Table)
        if isinstance(table.this, exp.Func)
        for text in list(table.this.find_all(exp.Literal))[:8]
        if text.is_string and "/" in text.name and (found := place(text.name))
    ]


def _files_of(tree: Any) -> list[str]:
    """Where a statement's own table or directory lies."""
    target = tree.args.get("this")
    inside: list[Any] = []
    if isinstance(tree, exp.Insert) and isinstance(target, (exp.Directory, exp.Func)):
        inside = list(target.find_all(exp.Literal))[:1]
        if isinstance(target, exp.Directory) and not target.args.get("local"):
            return [in_hdfs(found) for text in inside if (found := place(text.name))]
    properties = tree.args.get("properties") if isinstance(tree, exp.Create) else None
    for each in properties.expressions if properties is not None else ():
        named = each.name.lower() if isinstance(each, exp.Property) else ""
        if isinstance(each, exp.LocationProperty) or named in _LOCATION_NAMES:
            inside += list(each.find_all(exp.Literal))
    return [found for text in inside if text.is_string and (found := place(text.name))]


_LOCATION_NAMES = frozenset({"external_location", "location", "uris", "uri", "path"})


def _makes_from_files(tree: Any) -> bool:
    """A table over files that are there already."""
    return isinstance(tree, exp.Create) and tree.args.get("expression") is None


def _calls(tree: Any) -> list[str]:
    """The functions that are none of the language's: `SELECT m.refresh_sales()`."""
    return [
        f"{call.parent.this.name}.{call.name}" if isinstance(call.parent, exp.Dot) else call.name
        for call in tree.find_all(exp.Anonymous)
    ]


def _counts(table: exp.Table) -> bool:
    """A table somebody could share, or a stage: no function, no system catalog, and not what a
    foreign key refers to.
    """
    if isinstance(table.find_ancestor(exp.Reference, exp.Select), exp.Reference):
        return False
    if isinstance(table.this, exp.Var):
        return table.this.name.startswith("@")
    if not isinstance(table.this, exp.Identifier) or not table.name:
        return False
    if table.db.lower() in SYSTEM_SCHEMAS or table.name.lower() in _SYSTEM_TABLES:
        return False
    return _OF_THE_SERVER.fullmatch(name_of(table)) is None


def _is_cte(table: exp.Table) -> bool:
    """Does the name mean a CTE here? A CTE does not see itself (unless recursive) nor those after
    it.
    """
    if table.db:
        return False
    node: Any = table
    inside: exp.Expression | None = None
    while node is not None:
        if isinstance(node, exp.CTE):
            inside = node
        with_ = node.args.get("with_") or node.args.get("with")
        if isinstance(with_, exp.With):
            ctes = list(with_.expressions)
            if inside is not None and any(cte is inside for cte in ctes):
                index = next(at for at, cte in enumerate(ctes) if cte is inside)
                ctes = ctes[: index + 1] if with_.args.get("recursive") else ctes[:index]
            if any(cte.alias.lower() == table.name.lower() for cte in ctes):
                return True
        node = node.parent
    return False
