"""Which kind of database each connection of a code base is, as its tasks say it."""

from collections.abc import Iterator, Mapping

from adapters.airflow.legacy.snapshot import DagSnapshot, Task
from adapters.airflow.lineage.context import (
    DIALECTS,
    UNKNOWN_DATABASE,
    connection_of,
    database_named,
    database_of,
    text_of,
)
from adapters.airflow.lineage.families.calls.servers import connection_given, made_by
from bridge.errors import DefinitionError
from bridge.uris import canonical

# Words in a connection's name, used only where nothing better says it.
_WORDS = (
    ("postgres", "postgres"),
    ("pg_", "postgres"),
    ("mysql", "mysql"),
    ("redshift", "redshift"),
    ("snowflake", "snowflake"),
    ("bigquery", "bigquery"),
    ("cloudsql", UNKNOWN_DATABASE),
    ("cloud_sql", UNKNOWN_DATABASE),
    ("google_cloud", "bigquery"),
    ("sqlite", "sqlite"),
    ("duckdb", "duckdb"),
    ("mssql", "mssql"),
    ("oracle", "oracle"),
    ("trino", "trino"),
    ("presto", "presto"),
    ("hive", "hive"),
    ("databricks", "databricks"),
    ("clickhouse", "clickhouse"),
)


def schemes_of(snapshot: DagSnapshot, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Connection -> scheme: what is given, what declared URIs say, what operators, the hooks in
    their code and their arguments are called, what the name says.
    """
    declared: dict[str, str] = {}
    by_class: dict[str, str] = {}
    by_hook: dict[str, str] = {}
    by_argument: dict[str, str] = {}
    by_name: dict[str, str] = {}
    of_redshift: set[str] = set()
    for task in (task for dag in snapshot.dags for task in dag.tasks):
        for uri in (*task.inlets, *task.outlets):
            _remember(declared, uri)
        for connection, kind, word in _named_connections(task):
            if kind is not None:
                by_argument.setdefault(connection, kind)
            if word is not None:
                by_name[connection] = word
            of_redshift |= {connection} if "redshift" in (kind, word) else set()
        for connection, kind in _hooked(task):
            by_hook.setdefault(connection, kind)
            of_redshift |= {connection} if "redshift" in (kind + connection).lower() else set()
        only, scheme = connection_of(task), database_of(task)
        if only is not None and scheme is not None:
            by_class.setdefault(only, scheme)
    for told in (by_hook, by_class):  # a client of Postgres speaks to both
        clients = {name for name, kind in told.items() if kind == "postgres"}
        told.update(dict.fromkeys(of_redshift & clients, "redshift"))
    return {**by_name, **by_argument, **by_hook, **by_class, **declared, **(given or {})}


def _named_connections(task: Task) -> Iterator[tuple[str, str | None, str | None]]:
    """Each connection that an argument names, and what the argument's name and its own say."""
    for name, value in task.arguments.items():
        if name.endswith("conn_id") and (text := text_of(value)):
            word = next((kind for word, kind in _WORDS if word in text.lower()), None)
            yield text, database_named(name), word


def _hooked(task: Task) -> Iterator[tuple[str, str]]:
    """Each connection that a hook in the task's code is made with, and the hook's kind."""
    calls = (*task.calls, *(call for script in task.scripts for call in script.calls))
    for call in calls:
        made = [
            step for value in (*call.arguments, *call.named.values()) for step in made_by(value)
        ]
        for step in (*call.on, call, *made):
            kind = database_named(step.name) if step.name.endswith("Hook") else None
            connection = connection_given(step)
            if kind is not None and isinstance(connection, str) and "{" not in connection:
                yield connection, kind


def _remember(declared: dict[str, str], uri: str) -> None:
    try:
        dataset = canonical(uri)
    except DefinitionError:
        return
    if dataset.authority and dataset.scheme in DIALECTS:
        declared.setdefault(dataset.authority, dataset.scheme)
