"""What an address, or the call of a driver, says of a database: server, database and schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from pydantic import JsonValue

from adapters.airflow.legacy.snapshot import Call
from adapters.airflow.lineage import table_names
from adapters.airflow.lineage.certainty import SEEN
from adapters.airflow.lineage.templates import MARK
from bridge.uris import canonical

UNKNOWN_SERVER = "{server}"
IN_FILES = ("sqlite", "duckdb")
_HOSTS = ("host", "hostname", "server", "account", "dsn")
_DATABASES = ("database", "dbname", "db", "catalog")
_SCHEMAS = ("schema", "currentSchema")
_WORDS = {
    "name": ("host", "Server", "SERVER", "server"),
    "port": ("port", "Port", "PORT"),
    "database": ("dbname", "database", "Database", "DATABASE", "Initial Catalog"),
}
_KINDS = {"sqlserver": "mssql"}
_PATH = re.compile(r"search_path\s*=\s*(\w+)")
_NAME = re.compile(rf"(?!.*{MARK})[\w$-]+")

Rendered = Callable[[JsonValue], str | None]


@dataclass(frozen=True, slots=True)
class Server:
    """A database: its kind and how sure that is, its server or the connection to it, and what of
    it was told.
    """

    kind: str
    name: str
    database: str | None = None
    schema: str | None = None
    most: float = SEEN


def of_address(kind: str, rest: str) -> Server:
    """`kind` and what follows `://`: `user@host:5432/shop?…`, `host:1433;databaseName=shop`."""
    url = canonical(f"{_KINDS.get(kind, kind)}://{rest.partition(';')[0]}")
    words = _words(rest.partition(";")[2])
    path, _, asked = url.path.partition("?")
    if url.scheme in IN_FILES:
        return Server(url.scheme, path or UNKNOWN_SERVER)
    query = {name: values[0] for name, values in parse_qs(asked).items()}
    database, _, schema = path.partition("/")
    database = database or words.get("databaseName") or _asked(query, _DATABASES) or ""
    return Server(
        url.scheme,
        url.authority.partition("?")[0] or UNKNOWN_SERVER,
        _name(database),
        _name(schema or _schema(query)),
    )


def of_driver(step: Call, kind: str, rendered: Rendered) -> Server:
    """`psycopg2.connect(host="h", dbname="shop")`, `pyodbc.connect("Server=h;Database=shop")`."""
    first = step.arguments[0] if step.arguments else None
    if kind in IN_FILES:
        file = rendered(step.named.get("database", first))
        return Server(kind, (file or UNKNOWN_SERVER).strip("/"))
    text = rendered(_first(step.named, _HOSTS) or first)
    database = rendered(_first(step.named, _DATABASES))
    port, name = rendered(_number(step.named.get("port"))), text
    if text is None or "=" in text or ";" in text:
        words = _words(text or "")
        name, port, told = (_word(words, each) for each in ("name", "port", "database"))
        database = told or database
    if name and port and port.isdigit() and re.fullmatch(r"[\w.-]+", name) and _is_told(name):
        name = f"{name}:{port}"
    schema = _schema({each: rendered(step.named.get(each)) for each in ("schema", "options")})
    return Server(kind, name or UNKNOWN_SERVER, _name(database), _name(schema))


def of_parts(named: Mapping[str, JsonValue], kind: str, rendered: Rendered) -> Server:
    """`URL.create("postgresql", host="h", port=5432, database="shop")`."""
    return of_driver(Call(name="connect", named=dict(named)), kind, rendered)


def of_hook(step: Call, kind: str, connection: str, rendered: Rendered) -> Server:
    """`PostgresHook("dwh", schema="shop")`, which is the database."""
    given = (_name(rendered(step.named.get(name))) for name in ("database", "schema"))
    return Server(kind, connection, *table_names.of_hook(kind, *given))


def _schema(given: Mapping[str, str | None]) -> str | None:
    """The schema that is named, or the first that Postgres is told to look in."""
    path = _PATH.search(given.get("options") or "")
    return path[1] if path else _asked(given, _SCHEMAS)


def _asked(given: Mapping[str, str | None], names: tuple[str, ...]) -> str | None:
    return next((given[name] for name in names if given.get(name)), None)


def _words(text: str) -> dict[str, str]:
    """`host=h dbname=d`, `Server=h;Database=d` as words."""
    parts = text.split(";") if ";" in text else text.split()
    pairs = [part.partition("=") for part in parts if "=" in part]
    return {name.strip(): value.strip().strip("'\"{}") for name, _, value in pairs}


def _word(words: Mapping[str, str], what: str) -> str | None:
    return next((words[name] for name in _WORDS[what] if words.get(name)), None)


def _first(named: Mapping[str, JsonValue], names: tuple[str, ...]) -> JsonValue:
    return next((named[name] for name in names if name in named), None)


def _number(value: JsonValue) -> JsonValue:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _name(text: str | None) -> str | None:
    """A name that is told whole."""
    return text if text is not None and _NAME.fullmatch(text) else None


def _is_told(text: str) -> bool:
    return re.search(MARK, text) is None
