"""What the rules may know beside the task: its DAG, the templates, and which kind of database a
connection is.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import DatasetRef, Direction, Evidence, Nature
from adapters.airflow.legacy.snapshot import Dag, Finding, Severity, Task, TemplateFile
from adapters.airflow.lineage.dbt.projects import DbtProjects
from adapters.airflow.lineage.naming import direction_named
from adapters.airflow.lineage.routines import Routines
from adapters.airflow.lineage.templates import MARK, Connections, Params

# Operator class names that say which database they talk to: scheme of the URI, dialect for sqlglot.
_DATABASES: tuple[tuple[str, str, str | None], ...] = (
    ("Postgres", "postgres", "postgres"),
    ("MySql", "mysql", "mysql"),
    ("Sqlite", "sqlite", "sqlite"),
    ("Snowflake", "snowflake", "snowflake"),
    ("BigQuery", "bigquery", "bigquery"),
    ("Redshift", "redshift", "redshift"),
    ("MsSql", "mssql", "tsql"),
    ("Oracle", "oracle", "oracle"),
    ("Trino", "trino", "trino"),
    ("Presto", "presto", "presto"),
    ("Hive", "hive", "hive"),
    ("Athena", "awsathena", "athena"),
    ("Databricks", "databricks", "databricks"),
    ("ClickHouse", "clickhouse", "clickhouse"),
    ("Clickhouse", "clickhouse", "clickhouse"),
    ("DuckDB", "duckdb", "duckdb"),
    ("Spark", "spark", "spark"),
    ("Teradata", "teradata", "teradata"),
    ("Vertica", "vertica", "postgres"),
    ("Exasol", "exasol", "exasol"),
    ("Druid", "druid", "druid"),
    ("Greenplum", "postgres", "postgres"),
    ("Impala", "impala", "hive"),
)
DIALECTS = {scheme: dialect for _, scheme, dialect in _DATABASES}
UNKNOWN_DATABASE = "sql"
_OF_THE_MACHINE = re.compile(rf"\}}+|\$\w+|~|\*|{MARK}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageContext:
    """One DAG, the scheme of each connection of the snapshot, where those lead that are known, and
    what its code base has of SQL routines and dbt projects.
    """

    dag: Dag
    schemes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    routines: Routines = field(default_factory=Routines)
    dbt: DbtProjects = field(default_factory=DbtProjects)
    connections: Connections = field(default_factory=Connections)

    def scheme(self, task: Task, connection: str | None) -> str:
        """The kind of database a task talks to; `sql` where nothing says it."""
        kind = database_of(task) or self.schemes.get(connection or "", UNKNOWN_DATABASE)
        return self.spoken(kind, connection)

    def spoken(self, kind: str, connection: str | None) -> str:
        """The kind of database behind a client: one of Postgres may speak to Redshift."""
        name = connection or ""
        known = self.schemes.get(name) or ("redshift" if "redshift" in name.lower() else kind)
        return known if (kind, known) == ("postgres", "redshift") else kind

    def dialect(self, scheme: str) -> str | None:
        """sqlglot's name for the kind of database, None for its own mixture."""
        return DIALECTS.get(scheme)

    def ref(
        self,
        task: Task,
        uri: str,
        direction: Direction,
        evidence: Evidence,
        confidence: float,
    ) -> DatasetRef:
        """A dataset of the task, found at the task's own place."""
        return DatasetRef(
            uri=uri,
            direction=direction,
            evidence=evidence,
            confidence=confidence,
            file=task.file or self.dag.file,
            line=task.line,
        )

    def values(self, task: Task) -> dict[str, object]:
        """What templates of the task can use before it runs: `params`, `dag`, `task`, and
        `conn` as far as it is known.
        """
        params: dict[str, object] = {}
        given = (self.dag.params, task.arguments.get("parameters"), task.arguments.get("params"))
        for source in given:
            if isinstance(source, dict):
                plain = (str, int, float, bool, list, dict)
                params.update({k: v for k, v in source.items() if _is_known(v, plain)})
        return {
            "params": Params(params),
            "dag": {"dag_id": self.dag.dag_id},
            "task": {"task_id": task.task_id},
            "conn": self.connections,
        }

    @property
    def files(self) -> dict[str, str]:
        """The template files of the DAG that could be read, by the name that names them."""
        return {
            name: template.text
            for name, template in self.dag.templates.items()
            if template.text is not None
        }

    def template(self, name: str) -> TemplateFile | None:
        """The file that an argument or a command names: by the whole name, else by what of it does
        not depend on the machine (`$HOME/sql/x.sql`), where that is one file.
        """
        found = self.dag.templates.get(name) or self.dag.templates.get(name.strip())
        end = _own_end(name)
        if found is not None or not end:
            return found
        others = {
            each.path: each for key, each in self.dag.templates.items() if _own_end(key) == end
        }
        return next(iter(others.values())) if len(others) == 1 else None

    def finding(
        self, task: Task, code: str, message: str, severity: Severity = "warning"
    ) -> Finding:
        """A finding about the task, at its place."""
        return Finding(
            severity=severity,
            code=code,
            message=message,
            file=task.file or self.dag.file,
            line=task.line,
            dag_id=self.dag.dag_id,
            task_id=task.task_id,
        )


def _is_known(value: JsonValue, kinds: tuple[type, ...]) -> bool:
    is_object = isinstance(value, dict) and ("opaque" in value or "xcom" in value)
    return isinstance(value, kinds) and not is_object


def _own_end(name: str) -> str:
    return _OF_THE_MACHINE.split(name.strip())[-1].lstrip("./")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one rule found in one task."""

    nature: Nature = "data"
    datasets: tuple[DatasetRef, ...] = ()
    findings: tuple[Finding, ...] = ()
    reads_known: bool = False
    writes_known: bool = False


def class_names(task: Task) -> tuple[str, ...]:
    """The names of the task's class and of the operator classes it inherits from, nearest first."""
    return _last_words(task.operator, task.bases)


@functools.lru_cache(maxsize=10_000)
def _last_words(operator: str, bases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(path.rpartition(".")[2] for path in (operator, *bases))


def database_of(task: Task) -> str | None:
    """The scheme that the operator's class stands for. `PostgresToGCSOperator` is not looked at
    here: it has two.
    """
    for name in class_names(task):
        if "To" in re.sub(r"(?<=[a-z])To(?=[A-Z])", " To ", name).split():
            continue
        scheme = database_named(name)
        if scheme is not None:
            return scheme
    return None


def database_named(name: str) -> str | None:
    """The scheme that the name of a class stands for, such as PostgresHook."""
    return next((kind for word, kind, _ in _DATABASES if word.lower() in name.lower()), None)


def text_of(value: JsonValue) -> str | None:
    """The text, or None for anything else, also for an empty one."""
    return value if isinstance(value, str) and value else None


def connection_of(task: Task) -> str | None:
    """The connection a task names: `conn_id`, else the only argument that ends in `_conn_id`."""
    found = text_of(task.arguments.get("conn_id"))
    if found:
        return found
    named = {
        name: text
        for name, value in task.arguments.items()
        if name.endswith("conn_id") and (text := text_of(value))
    }
    preferred = {
        name: text
        for name, text in named.items()
        if not name.startswith(("aws", "google", "gcp", "wasb", "fs_", "slack"))
    }
    source = next((text for name, text in preferred.items() if _is_source(task, name)), None)
    return source or next(iter((preferred or named).values()), None)


def _is_source(task: Task, argument: str) -> bool:
    """Whether data comes from that connection: `source_conn_id`, `postgres_conn_id` of
    `PostgresToHive`.
    """
    direction = direction_named(argument)
    before, to, _ = class_names(task)[0].partition("To")
    kind = database_named(before) if to and direction is None else None
    return direction == "read" or (kind is not None and database_named(argument) == kind)
