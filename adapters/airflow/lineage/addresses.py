"""Datasets by the connections that lead to them: one dataset has one name, whether code names a
connection, another one to the same place, or the address itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath

from adapters.airflow.legacy.datasets import TaskLineage, TaskPlace
from adapters.airflow.lineage.context import UNKNOWN_DATABASE, database_named
from adapters.airflow.lineage.renaming import renamed
from bridge.capabilities import ConnectionAddress

_IN_FILES = frozenset({"sqlite", "duckdb"})
# Tables are `database.table` there, elsewhere `database.schema.table`.
_WITHOUT_SCHEMAS = frozenset({"mysql", "clickhouse", "hive", "spark"})
_SERVERS = {"sftp": "sftp", "ssh": "sftp", "ftp": "ftp", "mongo": "mongodb"}
USUAL_PORTS = {
    "postgres": 5432,
    "redshift": 5439,
    "mysql": 3306,
    "mssql": 1433,
    "oracle": 1521,
    "sftp": 22,
    "ftp": 21,
    "mongodb": 27017,
}


def kind_of(address: ConnectionAddress) -> str | None:
    """The scheme of datasets behind a connection of that kind; None where it has none of its own
    (a bucket is the same whichever connection opens it).
    """
    kind = _SERVERS.get(address.kind) or database_named(address.kind)
    # Redshift speaks PostgreSQL's protocol, and is often set up as one.
    is_redshift = ".redshift." in address.host or address.port == USUAL_PORTS["redshift"]
    return "redshift" if kind == "postgres" and is_redshift else kind


def kinds_of(connections: Mapping[str, ConnectionAddress]) -> dict[str, str]:
    """Connection -> scheme, of those that lead to databases."""
    found = {name: kind_of(each) for name, each in connections.items()}
    return {name: kind for name, kind in found.items() if kind and kind not in _SERVERS.values()}


def by_connection(
    lineage: Mapping[TaskPlace, TaskLineage],
    connections: Mapping[str, ConnectionAddress],
    folder: str = "",
) -> dict[TaskPlace, TaskLineage]:
    """The same, with each dataset named by the connection that leads to it: the first by name,
    where several do. Of a dataset that a task declares, the declared name stands for all.

    `folder` is that of the DAGs: a file near it may be named `{folder}/…`.
    """
    if not connections:
        return dict(lineage)
    places = _Places(connections, folder)
    refs = [ref for each in lineage.values() for ref in each.datasets]
    plain = {ref.uri: places.name(ref.uri) for ref in refs}
    for ref in refs:
        for uri in ref.derived_from or ():
            plain.setdefault(uri, places.name(uri))
    declared = {plain[ref.uri]: ref.uri for ref in refs if ref.evidence == "declared"}
    names = {uri: declared.get(name, name) for uri, name in plain.items()}
    names = {uri: name for uri, name in names.items() if uri != name}
    return {place: renamed(each, names) for place, each in lineage.items()}


class _Places:
    """What the supplied connections lead to, and which of them names it."""

    def __init__(self, connections: Mapping[str, ConnectionAddress], folder: str) -> None:
        self._folders = [folder, *map(str, PurePath(folder).parents)] if folder else []
        self._connections = {
            name: each for name, each in connections.items() if kind_of(each) is not None
        }
        self._first: dict[tuple[str | None, str, int | None, str], str] = {}
        self._at: dict[tuple[str | None, str], set[str]] = {}
        for name, each in sorted(self._connections.items()):
            first = self._first.setdefault(self._place(each), name) if _leads(each) else name
            for server in self._servers(each):
                self._at.setdefault((kind_of(each), server), set()).add(first)

    def name(self, uri: str) -> str:
        """The dataset's name by its connection, the same `uri` where none leads to it."""
        scheme, _, rest = uri.partition("://")
        if scheme in _IN_FILES:
            for (kind, file), names in self._at.items():
                if kind == scheme and rest.lower().startswith(f"{file.lower()}/"):
                    return f"{scheme}://{min(names)}/{rest[len(file) + 1 :]}"
        server, _, path = rest.partition("/")
        connection = self._connections.get(server)
        if connection is not None and scheme in (kind_of(connection), UNKNOWN_DATABASE):
            own = self._first.get(self._place(connection), server)
        else:
            names = self._at.get((scheme, server), set())
            if len(names) != 1:
                return uri
            (own,) = names
        return f"{scheme}://{own}/{_without_database(scheme, path, self._connections[own])}"

    @staticmethod
    def _place(address: ConnectionAddress) -> tuple[str | None, str, int | None, str]:
        kind = kind_of(address)
        port = address.port or USUAL_PORTS.get(kind or "")
        return kind, address.host.lower(), port, address.database.lower()

    def _servers(self, address: ConnectionAddress) -> Iterable[str]:
        """What stands for the server in a dataset's name: the host, with its port and without."""
        kind = kind_of(address)
        if kind in _IN_FILES:
            return self._files((address.host or address.database).strip("/"))
        if not address.host:
            return ()
        usual = USUAL_PORTS.get(kind or "")
        host, port = address.host.lower(), address.port or usual
        with_port = () if port is None else (f"{host}:{port}",)
        return (host, *with_port) if port == usual else with_port

    def _files(self, file: str) -> Iterable[str]:
        """What stands for a file: its path, also as seen from the code base."""
        if file:
            yield file
        for each in self._folders:
            above = each.strip("/")
            if above and file.startswith(f"{above}/"):
                yield "{folder}" + file[len(above) :]


def _leads(address: ConnectionAddress) -> bool:
    return bool(address.host or (kind_of(address) in _IN_FILES and address.database))


def _without_database(scheme: str, path: str, connection: ConnectionAddress) -> str:
    """`public.orders` of `sales.public.orders`, where the connection leads to `sales`."""
    database, dot, name = path.partition(".")
    is_whole = scheme in _WITHOUT_SCHEMAS or "." in name
    same = database.lower() == connection.database.lower()
    return name if dot and is_whole and same and scheme not in _IN_FILES else path
