"""The table that a node is, in one target: its URI and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.airflow.legacy.dbt.forms import DbtNode, DbtProject, DbtTarget
from adapters.airflow.lineage.sql_statements import SYSTEM_SCHEMAS
from adapters.airflow.lineage.templates import Marks, render
from bridge.uris import table

CERTAIN, IN_PART, GUESSED = 0.85, 0.8, 0.5
UNKNOWN = "sql"
_NOWHERE = "default"
_TWO = 2
_SCHEMES = {
    "sqlserver": "mssql",
    "synapse": "mssql",
    "fabric": "mssql",
    "athena": "awsathena",
    "greenplum": "postgres",
    "starburst": "trino",
    "mariadb": "mysql",
}
# Their databases are their schemas, or there is one for all.
_NO_DATABASE = frozenset({"mysql", "clickhouse", "spark", "hive", "impala", "sqlite", "awsathena"})
_BY_NODE = re.compile(r"node\s*[.\[]\s*['\"]?(name|alias|unique_id|config)")
_EMPTY = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Relation:
    """One table, and whether all that names it is known."""

    uri: str
    confidence: float


class Relations:
    """Names the tables of one project for one target, environment and set of variables; `output` is
    given where a task makes a profile of its own.
    """

    def __init__(
        self,
        project: DbtProject,
        target: str | None,
        environment: Mapping[str, str],
        variables: Mapping[str, object],
        output: DbtTarget | None = None,
    ) -> None:
        self.project = project
        self.environment = environment
        self.variables = {**project.variables, **variables}
        self.marks = Marks()
        self._rendered: dict[tuple[str, ...], str] = {}
        self._found: dict[str, Relation] = {}
        self.target: dict[str, object] = {}
        name = target or self._text(project.target) or ""
        known = project.targets
        output = (
            output or known.get(name) or (next(iter(known.values())) if len(known) == 1 else None)
        )
        self.scheme = UNKNOWN
        self.server = _NOWHERE
        self.target = {"name": name or self.marks.word("target"), "profile_name": project.profile}
        self._place(output or DbtTarget(adapter=UNKNOWN))

    def _place(self, output: DbtTarget) -> None:
        adapter = output.adapter.lower()
        self.scheme = _SCHEMES.get(adapter, adapter) or UNKNOWN
        database = self._text(output.database_name)
        schema = self._text(output.schema_name) or self.marks.word("target_schema")
        self.target |= {"type": adapter, "database": database, "schema": schema}
        self.target |= {"dbname": database, "project": database, "dataset": schema}
        server = self._text(output.server)
        if server and self.scheme not in ("bigquery", "duckdb", "sqlite"):
            port = self._text(output.port) or ""
            is_known = port.isdigit() and int(port) > 0 and not self.marks.has_marks(server)
            server = re.sub(r"^\w+://", "", server).rstrip("/")
            self.server = self.marks.put_back(f"{server}:{port}" if is_known else server)

    def of(self, node: DbtNode) -> Relation:
        """The table of a model, seed, snapshot or source."""
        found = self._found.get(node.id)
        if found is None:
            found = self._found[node.id] = self._relation(node)
        return found

    def written(self, name: str) -> Relation | None:
        """The table of a name that SQL writes out, its Jinja rendered; None for a system's own."""
        macros = "".join(
            text for each, text in self.project.macros.items() if not each.startswith("generate_")
        )
        text = self._text(macros + name if "{{" in name else name) or ""
        parts = [one for one in re.sub(r"\s+", "", text).split(".") if one]
        if len(parts) < _TWO or not SYSTEM_SCHEMAS.isdisjoint(map(str.lower, parts[:-1])):
            return None
        database = self.target["database"]
        is_short = len(parts) == _TWO and database and self.scheme not in _NO_DATABASE
        if is_short and not self._is_unknown(str(database)):
            parts = [str(database), *parts]
        has_marks = any(map(self.marks.has_marks, parts))
        found = self._table(".".join(parts))
        return Relation(found, GUESSED if has_marks or self.scheme == UNKNOWN else CERTAIN)

    def _table(self, name: str) -> str:
        server = self.server if re.fullmatch(r"[^\s/?#\[\]]+", self.server) else _NOWHERE
        return str(table(self.scheme, server, self.marks.put_back(name)))

    def _relation(self, node: DbtNode) -> Relation:
        own = self.target
        if node.is_placed:
            schema = self._text(node.schema_name) or str(own["schema"])
            database = self._text(node.database_name) or own["database"]
        else:
            schema = self._schema(node)
            database = self._named("generate_database_name", node.database_name, node)
            database = database or own["database"]
        alias = self._named("generate_alias_name", node.alias, node) or node.name.split(".")[-1]
        parts = [schema, alias]
        if database and self.scheme not in _NO_DATABASE and not self._is_unknown(str(database)):
            parts = [str(database), *parts]
        name = self._table(".".join(part.strip() for part in parts))
        return Relation(name, self._confidence(schema, alias))

    def _schema(self, node: DbtNode) -> str:
        found = self._named("generate_schema_name", node.schema_name, node)
        if found is not None and "generate_schema_name" in self.project.macros:
            return found
        schema = str(self.target["schema"])
        return schema if found is None else f"{schema}_{found}"

    def _named(self, macro: str, custom: str | None, node: DbtNode) -> str | None:
        """A name as it is configured, through the project's own macro if it has one."""
        given = self._text(custom)
        text = self.project.macros.get(macro)
        if text is None:
            return given
        folder, _, file = node.path.rpartition("/")
        key = (macro, given or "", node.kind, node.id if _BY_NODE.search(text) else folder)
        if key not in self._rendered:
            about = {
                "name": node.name,
                "alias": node.alias,
                "unique_id": node.id,
                "resource_type": node.kind,
                "package_name": node.package,
                "path": node.path.partition("/")[2],
                "original_file_path": node.path,
                "fqn": [node.package, *folder.split("/")[1:], node.name],
                "config": {"materialized": node.materialized, "schema": node.schema_name},
            }
            own = {"custom__name": given, "node__": about}
            called = text + "{{ " + macro + "(custom__name, node__) }}"
            self._rendered[key] = self._render(called, own)
        if macro == "generate_alias_name" and file and "node" in text and node.alias is None:
            return self._rendered[key] if _BY_NODE.search(text) else None
        return self._rendered[key] or None

    def _text(self, text: str | None) -> str | None:
        """A text of the project's files, rendered; None for none."""
        if text is None:
            return None
        if "{{" not in text and "{%" not in text:
            return text.strip() or None
        key = ("", text)
        if key not in self._rendered:
            self._rendered[key] = self._render(text, {})
        return self._rendered[key] or None

    def _render(self, text: str, values: Mapping[str, object]) -> str:
        own = {
            "target": self.target,
            "env_var": self._env_var,
            "var": self._var,
            "return": lambda value: value,
            **values,
        }
        return render(text, own, {}, self.marks)[0].strip()

    def _env_var(self, name: str, default: object = None) -> object:
        found = self.environment.get(name, default)
        return self.marks.word(name) if found is None else found

    def _var(self, name: str, default: object = None) -> object:
        found = self.variables.get(name, default)
        return self.marks.word(name) if found is None else found

    def _is_unknown(self, text: str) -> bool:
        """Whether a name is nothing but what only a run knows."""
        shown = self.marks.put_back(text)
        return not re.search(r"\w", _EMPTY.sub("", shown))

    def _confidence(self, schema: str, alias: str) -> float:
        if self.scheme == UNKNOWN or self._is_unknown(schema) or self._is_unknown(alias):
            return GUESSED
        has_marks = "{" in self.marks.put_back(schema + alias)
        return IN_PART if has_marks else CERTAIN
