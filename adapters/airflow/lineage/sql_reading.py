"""Which tables a script of SQL statements reads and writes, read with sqlglot; names only, no
catalog.
"""

import logging
import re
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import Dialect, exp
from sqlglot.errors import SqlglotError

MAX_STATEMENTS = 500
_SYSTEM_SCHEMAS = frozenset(
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
_SYSTEM_TABLES = frozenset({"dual", "sqlite_master", "sqlite_schema", "sysdummy1"})

_REPLACE = re.compile(r"^\s*REPLACE\s+INTO", re.IGNORECASE)
_CALLS = re.compile(r"^\s*(?:CALL|EXEC|EXECUTE)\s+([\w.\[\]\"`]+)", re.IGNORECASE)
_UNLOAD = re.compile(
    r"^\s*UNLOAD\s*\(\s*(?:\$\$(.*?)\$\$|'((?:[^']|'')*)')", re.IGNORECASE | re.DOTALL
)

logging.getLogger("sqlglot").setLevel(
    logging.ERROR
)  # it warns of every statement it keeps as plain text


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Tables of one statement, as written (dotted, unquoted), and the line it begins on, counted
    from 1.
    """

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """All statements that could be read; `problems` are (line, what) of those that could not."""

    statements: tuple[Statement, ...]
    problems: tuple[tuple[int, str], ...] = ()


def read_script(sql: str, dialect: str | None) -> Script:
    """Reads and writes of each statement, without CTEs, temporary tables and tables the script
    drops again.
    """
    spoken = dialect if dialect is not None and Dialect.get(dialect) else None  # older: fewer
    reader = _Reader(spoken)
    for line, text in _split(sql, spoken)[:MAX_STATEMENTS]:
        reader.take(line, text)
    return reader.script()


class _Reader:
    """One script, statement after statement, and which tables are its own business."""

    def __init__(self, dialect: str | None) -> None:
        self.dialect = dialect
        self.found: list[Statement] = []
        self.problems: list[tuple[int, str]] = []
        self.temporary: set[str] = set()
        self.created: set[str] = set()
        self.dropped: set[str] = set()

    def take(self, line: int, text: str) -> None:
        procedure = _CALLS.match(text)
        if procedure:
            self.problems.append((line, f"it calls {procedure[1]}, whose body is not here"))
            return
        tree = _parsed(text, self.dialect)
        if tree is None:
            self.problems.append((line, "a statement is not SQL that could be read"))
        elif isinstance(tree, exp.Command):
            statement, problem = _command(text, line)
            self.problems += [(line, problem)] if problem else []
            self.found += [statement] if statement else []
        elif isinstance(tree, exp.Drop):
            self.dropped |= {_name(table) for table in tree.find_all(exp.Table)} & self.created
        elif isinstance(tree, _TOUCHES_DATA) and not _creates_something_else(tree):
            if isinstance(tree, exp.Create):
                self._creates(tree)
            self.found.append(_statement(tree, line))

    def _creates(self, tree: exp.Create) -> None:
        name = _name(_target(tree))
        self.created.add(name)
        self.dropped.discard(name)
        if _is_temporary(tree) or name.rpartition(".")[2].startswith("#"):
            self.temporary.add(name)

    def script(self) -> Script:
        inner = self.temporary | self.dropped
        kept = [
            Statement(
                reads=tuple(name for name in each.reads if name not in inner),
                writes=tuple(name for name in each.writes if name not in inner),
                line=each.line,
            )
            for each in _through_temporary(self.found, inner)
        ]
        return Script(
            statements=tuple(each for each in kept if each.reads or each.writes),
            problems=tuple(self.problems),
        )


_TOUCHES_DATA = (
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


def _creates_something_else(tree: Any) -> bool:
    """A function, an index, a schema: no data."""
    return isinstance(tree, exp.Create) and str(tree.args.get("kind") or "").upper() not in (
        "TABLE",
        "VIEW",
    )


def _through_temporary(statements: list[Statement], inner: set[str]) -> list[Statement]:
    """What a temporary table was made from is what its users read."""
    made_from: dict[str, set[str]] = {}
    result: list[Statement] = []
    for statement in statements:
        reads: dict[str, None] = {}
        for name in statement.reads:
            reads.update(dict.fromkeys(sorted(made_from[name]) if name in made_from else [name]))
        for name in statement.writes:
            if name in inner:
                made_from.setdefault(name, set()).update(reads)
        result.append(Statement(reads=tuple(reads), writes=statement.writes, line=statement.line))
    return result


def _split(sql: str, dialect: str | None) -> list[tuple[int, str]]:
    """(first line, text) of each statement, cut at semicolons outside of strings and comments."""
    try:
        tokens = sqlglot.tokenize(sql, read=dialect)
    except SqlglotError:
        return [(1, sql)] if sql.strip() else []
    pieces: list[tuple[int, str]] = []
    start: int | None = None
    line = 1
    end = 0
    depth = 0  # BEGIN ... END of a procedure is one statement
    for index, token in enumerate(tokens):
        word = token.text.upper()
        if (
            word == "BEGIN"
            and index + 1 < len(tokens)
            and tokens[index + 1].text.upper()
            not in (
                ";",
                "TRANSACTION",
                "WORK",
                "TRAN",
            )
        ):
            depth += 1
        elif word == "END" and depth:
            depth -= 1
        if token.token_type is sqlglot.TokenType.SEMICOLON and depth == 0:
            if start is not None:
                pieces.append((line, sql[start:end]))
            start = None
            continue
        if start is None:
            start, line = token.start, token.line
        end = token.end + 1
    if start is not None:
        pieces.append((line, sql[start:end]))
    return pieces


def _parsed(text: str, dialect: str | None) -> Any:
    """The tree in the dialect, else in one that can read it; a plain command only if none can."""
    command: Any = None
    text = _REPLACE.sub("INSERT INTO", text, count=1)
    for attempt in dict.fromkeys((dialect, None, "postgres", "snowflake", "bigquery", "tsql")):
        try:
            tree: Any = sqlglot.parse_one(text, read=attempt)
        except (SqlglotError, RecursionError):
            continue
        if not isinstance(tree, exp.Command):
            return tree
        command = command or tree
    return command


_QUIET_COMMANDS = frozenset(
    """
    SET PRAGMA VACUUM ANALYZE GRANT REVOKE BEGIN COMMIT ROLLBACK END START USE SHOW EXPLAIN
    COMMENT OPTIMIZE DESCRIBE ALTER ATTACH DETACH LOCK UNLOCK REINDEX CLUSTER CHECKPOINT KILL
    DECLARE PRINT RESET MSCK CACHE UNCACHE DEALLOCATE INSTALL LOAD DO WAITFOR GO RAISERROR
    """.split()  # noqa: SIM905
)


def _command(text: str, line: int) -> tuple[Statement | None, str | None]:
    unloaded = _UNLOAD.match(text)
    if unloaded:
        inner = _parsed((unloaded[1] or unloaded[2] or "").replace("''", "'"), "redshift")
        return (
            (_statement(inner, line), None)
            if inner is not None
            else (None, "UNLOAD of something unknown")
        )
    words = text.replace("(", " ").split()
    first = words[0].upper() if words else ""
    if first == "REFRESH" and len(words) > 1:
        names = [
            word
            for word in words
            if word.upper() not in ("REFRESH", "MATERIALIZED", "VIEW", "CONCURRENTLY", "TABLE")
        ]
        return (
            (Statement(reads=(), writes=(names[0].strip('";'),), line=line), None)
            if names
            else (None, None)
        )
    return None, None if first in _QUIET_COMMANDS else f"{first} is not understood"


def _statement(tree: Any, line: int) -> Statement:
    targets = _targets(tree)
    own = {id(target) for target in targets}
    writes = dict.fromkeys(_name(target) for target in targets if _counts(target))
    reads = dict.fromkeys(
        _name(table)
        for table in tree.find_all(exp.Table)
        if id(table) not in own and _counts(table) and not _is_cte(table)
    )
    if isinstance(tree, exp.Update):
        reads.update(writes)  # it changes rows in place
    aliases = {target.alias for target in targets if target.alias}
    return Statement(
        reads=tuple(name for name in reads if name and name not in aliases),
        writes=tuple(writes),
        line=line,
    )


def _targets(tree: Any) -> list[exp.Table]:
    found: list[exp.Expression | None] = []
    if isinstance(tree, _HAS_ONE_TARGET) or (isinstance(tree, exp.Copy) and tree.args.get("kind")):
        found.append(_target(tree))
    elif isinstance(tree, exp.TruncateTable):
        found += tree.expressions
    elif isinstance(tree, exp.MultitableInserts):
        found += [_target(insert) for insert in tree.find_all(exp.Insert)]
    found += [into.this for into in tree.find_all(exp.Into)]
    return [target for target in found if isinstance(target, exp.Table)]


_HAS_ONE_TARGET = (exp.Insert, exp.Create, exp.Merge, exp.Update, exp.Delete, exp.LoadData)


def _target(tree: Any) -> exp.Expression | None:
    """The table behind `INSERT INTO t (a, b)`, `UPDATE t AS x`; for `DELETE x FROM t x` the table
    of that alias.
    """
    target = tree.this
    while isinstance(target, (exp.Schema, exp.Subquery, exp.Paren, exp.PartitionedByProperty)):
        target = target.this
    if target is None and isinstance(tree, exp.Delete):
        tables = tree.args.get("tables") or []
        target = tables[0] if tables else None
    return target if isinstance(target, exp.Expression) else None


def _is_temporary(tree: exp.Create) -> bool:
    properties = tree.args.get("properties")
    return properties is not None and properties.find(exp.TemporaryProperty) is not None


def _counts(table: exp.Table) -> bool:
    """A table somebody could share: no function, no system catalog."""
    if not isinstance(table.this, exp.Identifier) or not table.name:
        return False
    return table.db.lower() not in _SYSTEM_SCHEMAS and table.name.lower() not in _SYSTEM_TABLES


def _name(table: exp.Expression | None) -> str:
    if not isinstance(table, exp.Table):
        return ""
    return ".".join(
        part.name for part in table.parts if isinstance(part, exp.Identifier) and part.name
    )


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
