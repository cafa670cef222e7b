"""Which database a call's object is connected to, by the calls that made it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from pydantic import JsonValue, ValidationError

from adapters.airflow.legacy.record.child.drivers import DRIVERS
from adapters.airflow.legacy.snapshot import Call
from adapters.airflow.lineage.certainty import PARTLY, SEEN
from adapters.airflow.lineage.context import UNKNOWN_DATABASE, LineageContext, database_named
from adapters.airflow.lineage.families.calls.connecting import (
    UNKNOWN_SERVER,
    Rendered,
    Server,
    of_address,
    of_driver,
    of_hook,
    of_parts,
)
from adapters.airflow.lineage.templates import MARK
from bridge.uris import canonical

_CONNECTION = "_conn_id"
# What a hook is connected to when it is given nothing, where that is not `<kind>_default`.
_DEFAULTS = {
    "bigquery": "default",
    "hive": "hiveserver2_default",
    "awsathena": "aws_default",
    "spark": "default",
    "duckdb": "duckdb_default",
}
_NO_DATABASE = re.compile(r"(SSH|FTP|Http|S3|Aws|GCS|Storage|Slack|Wasb|FS|Swift)\w*Hook$")
_CONNECTS = (
    "connect",
    "Connect",
    "Connection",
    "connection",
    "Client",
    "get_client",
    "get_async_client",
)

_ADDRESSES = (
    *("hosts", "host", "hostname", "bootstrap_servers", "bootstrap.servers"),
    *("kafka.bootstrap.servers", "endpoint", "uri", "url", "connection_string", "brokers"),
    "remote_name",
)
_BY_USER = ("SMBConnection",)  # begin with who asks
_MAKING = ("connect", "from_url", "get_client", "from_transport")
_OF_URLS = ("", "create_engine", "create_async_engine")
_URLS = ("create", "URL")
_SETTING = re.compile(MARK)
_ENGINES = ("bind", "engine", "con", "conn", "connection", "session")


def server_of(call: Call, given: JsonValue, context: LineageContext, rendered: Rendered) -> Server:
    """The database that a call's object is connected to, or the connection that it is given; of
    the kind `sql` and at `{server}` where nothing tells them.
    """
    url = rendered(given)
    if url is not None:
        given_chain: tuple[Call, ...] = (Call(name="", arguments=(url,)),)
    else:
        given_chain = made_by(given)
    chain = given_chain if given is not None else (*call.on, call)
    for step in chain:
        found = (
            _of_url(step, context, rendered)
            or _of_step(step, context, rendered)
            or _of_engine(step, context, rendered)
        )
        if found is not None:
            return found
    kind = _by_library(chain)
    return Server(kind, "default" if kind in ("bigquery", "spark") else UNKNOWN_SERVER)


def kind_imported(call: Call, values: Iterable[JsonValue]) -> tuple[str, float]:
    """The kind of database that imports say, and how sure that is: dialects of SQLAlchemy where the
    table of the call is defined, or in the call's own module, else drivers; `sql` where none says
    it, or several do.
    """
    tables = [step for value in values for step in made_by(value)[:1]]
    for steps in (tables, (*call.on[:1], call)):
        kinds = {canonical(f"{each}://x").scheme for step in steps for each in step.dialects}
        if kinds:
            return (kinds.pop(), SEEN) if len(kinds) == 1 else (UNKNOWN_DATABASE, SEEN)
    kinds = {DRIVERS[each] for step in (*tables, call) for each in step.drivers if each in DRIVERS}
    kinds -= {"postgres"} if "redshift" in kinds else set()  # it is spoken to by their drivers
    return (kinds.pop(), PARTLY) if len(kinds) == 1 else (UNKNOWN_DATABASE, SEEN)


def made_by(value: JsonValue) -> tuple[Call, ...]:
    """The calls that made a value; none for anything that is no object."""
    chain = value.get("made_by") if isinstance(value, dict) else None
    try:
        return tuple(map(Call.model_validate, chain)) if isinstance(chain, list) else ()
    except ValidationError:
        return ()


def _of_step(step: Call, context: LineageContext, rendered: Rendered) -> Server | None:
    """`PostgresHook("dwh")`, `BaseHook.get_connection("dwh")`, `psycopg2.connect(host="h")`."""
    if _NO_DATABASE.search(step.name):
        return None
    connection = rendered(connection_given(step))
    if step.name.endswith("Hook") or connection is not None:
        by_class = database_named(step.name)
        kind = by_class or context.schemes.get(connection or "", UNKNOWN_DATABASE)
        if connection is None and by_class is not None:
            connection = _DEFAULTS.get(by_class, f"{by_class}_default")
        if connection is not None:
            return of_hook(step, context.spoken(kind, connection), connection, rendered)
    driver = _driver(step)
    if driver is None or step.name not in _CONNECTS:
        return _of_parts(step, context, rendered)
    return _connected(step, driver, rendered) if driver != "bigquery" else None


def _connected(step: Call, driver: str, rendered: Rendered) -> Server:
    """What a driver is connected to; the host of an Airflow connection is that connection."""
    found = of_driver(step, driver, rendered)
    for value in (*step.named.values(), *step.arguments[:1]):
        for each in made_by(value):
            connection = rendered(connection_given(each))
            if connection is not None:
                return replace(found, name=connection)
    return found


def _of_parts(step: Call, context: LineageContext, rendered: Rendered) -> Server | None:
    """`URL.create("postgresql", host="h", database="shop")` of SQLAlchemy."""
    if step.name not in _URLS or not step.named.keys() & {"host", "database"}:
        return None
    first = step.arguments[0] if step.arguments else None
    kind = rendered(step.named.get("drivername", first))
    scheme = canonical(f"{kind.partition('+')[0]}://x").scheme if kind else UNKNOWN_DATABASE
    if kind is not None and context.dialect(scheme) is None:
        return None
    return of_parts(step.named, scheme, rendered)


def host_of(call: Call, given: JsonValue, context: LineageContext, rendered: Rendered) -> str:
    """The address or the connection that a call's object, or a client that it is given, was made
    with; `{server}` where nothing tells.
    """
    for step in (*made_by(given), *_since_writing(call.on), call):
        named = [step.named[name] for name in _ADDRESSES if name in step.named]
        is_made = step.name[:1].isupper() or step.name in _MAKING
        is_made &= step.name not in _BY_USER
        for value in (connection_given(step), *named, *(step.arguments[:1] if is_made else ())):
            found = _address(value, rendered)
            if found:
                return found
    return UNKNOWN_SERVER


def _since_writing(chain: tuple[Call, ...]) -> tuple[Call, ...]:
    """Without what is read before `write`: it may be elsewhere."""
    starts = [n for n, step in enumerate(chain) if step.name in ("write", "writeStream")]
    return chain[starts[-1] :] if starts else chain


def _address(value: JsonValue, rendered: Rendered) -> str | None:
    if isinstance(value, dict) and "made_by" not in value:
        value = next((value[name] for name in _ADDRESSES if name in value), None)
    if isinstance(value, list):
        value = value[0] if value else None
        return _address(value, rendered)
    for each in made_by(value):  # the host of an Airflow connection is that connection
        if connection_given(each) is not None:
            return rendered(connection_given(each))
        found = next((one for one in each.arguments if _address(one, rendered)), None)
        if each.name[:1].isupper() and found is not None:
            return _address(found, rendered)
    text = rendered(value)
    if text is not None and "://" in text:
        text = text.partition("?")[0]
    if text is None or re.search(r"[\s=]", text):
        return None
    return re.split(r"[/,?]", text.rpartition("://")[2])[0].rpartition("@")[2] or None


def _of_engine(step: Call, context: LineageContext, rendered: Rendered) -> Server | None:
    """`Session(create_engine(url))`, `sessionmaker(bind=engine)`."""
    for value in (*step.arguments[:1], *(step.named.get(name) for name in _ENGINES)):
        if made_by(value):
            found = server_of(step, value, context, rendered)
            if (found.kind, found.name) != (UNKNOWN_DATABASE, UNKNOWN_SERVER):
                return found
    return None


def connection_given(step: Call) -> JsonValue:
    """The Airflow connection that a call names."""
    named = [value for name, value in step.named.items() if name.endswith(_CONNECTION)]
    if named:
        return named[0]
    if "conn_id" in step.named:
        return step.named["conn_id"]
    first = step.arguments[0] if step.arguments else None
    if step.name.endswith("Hook") or step.name in ("get_hook", "get_connection"):
        return first
    return None


def _of_url(step: Call, context: LineageContext, rendered: Rendered) -> Server | None:
    """What `create_engine("postgresql://…")` is connected to."""
    for value in (*step.arguments, *step.named.values()):
        text = rendered(value)
        if text is not None and _SETTING.fullmatch(text) and step.name in _OF_URLS:
            return Server(UNKNOWN_DATABASE, text)
        if text is not None and "://" in text and " " not in text:
            scheme, _, rest = text.partition("://")
            kind = scheme.rpartition(":")[2].partition("+")[0]  # jdbc:postgresql, mysql+pymysql
            found = of_address(kind, rest)
            if context.dialect(found.kind) is not None:
                return found
    return None


def _driver(step: Call) -> str | None:
    return DRIVERS.get((step.module or "").partition(".")[0])


def _by_library(chain: tuple[Call, ...]) -> str:
    """The kind of database where only a library says it: `bigquery.Client().query(…)`."""
    driver = _driver(chain[0]) if chain else None
    names = {step.name for step in chain[:-1]}
    if driver is not None:
        return driver
    if any(step.name == "Client" and "host" not in step.named for step in chain[:-1]):
        return "bigquery"
    return "spark" if names & {"getOrCreate", "getActiveSession"} else UNKNOWN_DATABASE
