"""Clients of databases and queues, on the command line: the SQL they run, the tables they load and
dump.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from adapters.airflow.legacy.datasets import Direction
from adapters.airflow.legacy.record.child.shell import TEXT_OF, Command
from adapters.airflow.lineage.families.client_servers import connected
from adapters.airflow.lineage.families.command_words import (
    SHOWN,
    Found,
    Query,
    Touch,
    fed_sql,
    option,
    plain,
    touch,
)
from adapters.airflow.lineage.families.maps import loaded


def _database(
    scheme: str,
    *,
    text: tuple[str, ...],
    file: tuple[str, ...],
    name: tuple[str, ...],
    output: tuple[str, ...] = (),
) -> Callable[[Command], Found]:
    """A program that runs SQL: its options for SQL, for a file of it, for the database, and for the
    file of what comes out.
    """

    def read(command: Command) -> Found:
        words = command.words[1:]
        sql, path = fed_sql(command)
        sql, path = option(words, *text) or sql, option(words, *file) or path
        if sql is not None and sql.startswith(TEXT_OF):
            path, sql = sql.removeprefix(TEXT_OF), None
        if sql is None and path is None:
            return []
        server, inside = connected(command, scheme, name)
        made = option(words, *output)
        return [
            Query(scheme, server, text=sql, file=None if sql else path, inside=inside),
            *(touch(made, "write", SHOWN) if made else []),
        ]

    return read


def _hive(command: Command) -> Found:
    """`hive -e "…"`, `beeline -u jdbc:hive2://host:10000/db -e "…"`: the server is the one of the
    address or of `-h`, what is called a database there is a schema.
    """
    words = command.words[1:]
    address = _HIVE_URL.search(option(words, "-u") or "")
    server = address[1] if address else option(words, "-h")
    schema = (address[2] if address else None) or option(words, "--database")
    before = f"use {schema};\n" if schema and _SCHEMA.fullmatch(schema) else ""
    return [
        replace(each, database=server or "default", text=each.text and f"{before}{each.text}")
        for each in _HIVE(command)
        if isinstance(each, Query)
    ]


_HIVE_URL = re.compile(r"jdbc:hive2://([^/,;?]+)(?:/(\w+))?")
_SCHEMA = re.compile(r"[\w{}]+")
_HIVE = _database("hive", text=("-e",), file=("-f",), name=())


def _file_database(scheme: str) -> Callable[[Command], Found]:
    """`sqlite3 shop.db "select …"`: the database is a file, the SQL the next word."""

    def read(command: Command) -> Found:
        asked = option(command.words, "-c", "-s") if scheme == "duckdb" else None
        words = [word for word in command.words[1:] if not word.startswith("-") and word != asked]
        if asked:
            return [Query(scheme, words[0].strip("/") if words else "default", text=asked)]
        fed, path = fed_sql(command)
        sql = words[1] if len(words) > 1 else fed
        if sql is not None and sql.startswith((".read ", TEXT_OF)):
            path, sql = sql.removeprefix(".read ").removeprefix(TEXT_OF).strip(), None
        if not words or ((sql or ".").startswith(".") and path is None):
            return []
        return [Query(scheme, words[0].strip("/"), text=sql, file=path)]

    return read


def _sqlplus(command: Command) -> Found:
    """`sqlplus -s u/p@shop @load.sql`, or fed."""
    words = [word for word in command.words[1:] if not word.startswith("-")]
    sql, path = fed_sql(command)
    path = next((word[1:] for word in words if word.startswith("@")), path)
    server = re.search(r"@/{0,2}([\w.{}-]+)", words[0]) if words else None
    if (sql is None and path is None) or (server is None and not words):
        return []
    return [
        Query("oracle", server[1] if server else "default", text=sql, file=None if sql else path)
    ]


def _sqlldr(command: Command) -> Found:
    given = dict(word.split("=", 1) for word in command.words[1:] if "=" in word)
    return list(touch(given.get("data", ""), "read", SHOWN))


def _bcp(command: Command) -> Found:
    """`bcp shop.dbo.t out /data/x`: from and to are told by a word between them."""
    words = command.words[1:]
    if len(words) < 3:  # noqa: PLR2004 - table, way, file
        return []
    what, way, path = words[:3]
    server, database = option(words, "-S") or "default", option(words, "-d")
    if way == "queryout":
        return [Query("mssql", database or server, text=what), *touch(path, "write", SHOWN)]
    if way not in ("in", "out"):
        return []
    table = what.replace("[", "").replace("]", "")
    name = f"{database}.{table}" if database else table
    sides: tuple[Direction, Direction] = ("write", "read") if way == "in" else ("read", "write")
    return [Touch(f"mssql://{server}/{name}", sides[0]), *touch(path, sides[1], SHOWN)]


def _mongo(command: Command) -> Found:
    """`mongoexport --uri mongodb://h/shop -c orders -o x`; a dump has a folder."""
    words = command.words[1:]
    uri = re.match(
        r"mongodb(?:\+srv)?://(?:[^@/]*@)?([^/?]+)(?:/([\w{}-]+))?", option(words, "--uri") or ""
    )
    server = (uri[1] if uri else None) or option(words, "--host", "-h") or "default"
    database = option(words, "--db", "-d") or (uri[2] if uri else None)
    collection = option(words, "--collection", "-c")
    imports = command.name in ("mongoimport", "mongorestore")
    path = option(words, "--file", "--archive") if imports else option(words, "--out", "-o")
    if path is None and command.name == "mongorestore":
        path = next((word for word in plain(words, _MONGO_FLAGS) if "/" in word), None)
    found: Found = []
    if database and collection:
        side: Direction = "write" if imports else "read"
        found.append(Touch(f"mongodb://{server}/{database}.{collection}", side))
    return [*found, *(touch(path, "read" if imports else "write", SHOWN) if path else [])]


_MONGO_FLAGS = frozenset(("--drop", "--gzip", "--quiet", "--upsert", "--headerline", "--jsonArray"))


def _kafka(*, produces: bool) -> Callable[[Command], Found]:
    """`kafka-console-consumer --bootstrap-server h:9092 --topic orders`."""

    def read(command: Command) -> Found:
        topic = option(command.words, "--topic")
        server = option(command.words, "--bootstrap-server", "--broker-list") or "default"
        side: Direction = "write" if produces else "read"
        return [Touch(f"kafka://{server.split(',')[0]}/{topic}", side)] if topic else []

    return read


def _kcat(command: Command) -> Found:
    topic = option(command.words, "-t")
    server = (option(command.words, "-b") or "default").split(",")[0]
    side: Direction = "write" if "-P" in command.words else "read"
    return [Touch(f"kafka://{server}/{topic}", side)] if topic else []


def _restored(command: Command) -> Found:
    files: Found = [each for word in command.words[1:] for each in touch(word, "read", SHOWN)]
    return files[-1:]


_CLICKHOUSE = _database(
    "clickhouse", text=("-q", "--query"), file=("--queries-file",), name=("-d", "--database")
)


def _clickhouse(command: Command) -> Found:
    """`clickhouse client -q …` is `clickhouse-client -q …`."""
    return _CLICKHOUSE(command) if command.words[1:2] == ("client",) else []


_PSQL = _database(
    "postgres",
    text=("-c", "--command"),
    file=("-f", "--file"),
    name=("-d", "--dbname"),
    output=("-o", "--output"),
)
_SNOW = _database(
    "snowflake", text=("-q", "--query"), file=("-f", "--filename"), name=("--dbname", "--database")
)


def _psql(command: Command) -> Found:
    """Its own SQL, and the table that a program for maps loads through it."""
    return [*_PSQL(command), *loaded(command)]


def _snow(command: Command) -> Found:
    """`snow sql -q …` is `snowsql -q …`."""
    return _SNOW(command) if command.words[1:2] == ("sql",) else []


CLIENTS: dict[str, Callable[[Command], Found]] = {
    "psql": _psql,
    "snow": _snow,
    "vsql": _database("vertica", text=("-c", "--command"), file=("-f", "--file"), name=("-d",)),
    "mysql": _database("mysql", text=("-e", "--execute"), file=(), name=("-D", "--database")),
    "mariadb": _database("mysql", text=("-e", "--execute"), file=(), name=("-D", "--database")),
    "sqlcmd": _database("mssql", text=("-Q", "-q"), file=("-i",), name=("-d",), output=("-o",)),
    "impala-shell": _database("impala", text=("-q", "--query"), file=("-f",), name=("-d",)),
    "snowsql": _database(
        "snowflake", text=("-q", "--query"), file=("-f", "--filename"), name=("-d", "--dbname")
    ),
    "clickhouse-client": _CLICKHOUSE,
    "clickhouse": _clickhouse,
    "hive": _hive,
    "beeline": _hive,
    "spark-sql": _database("spark", text=("-e",), file=("-f",), name=("--database",)),
    "trino": _database("trino", text=("--execute",), file=("-f", "--file"), name=("--catalog",)),
    "presto": _database("presto", text=("--execute",), file=("-f", "--file"), name=("--catalog",)),
    "sqlite3": _file_database("sqlite"),
    "duckdb": _file_database("duckdb"),
    "sqlplus": _sqlplus,
    "sqlldr": _sqlldr,
    "bcp": _bcp,
    "pg_restore": _restored,
    **dict.fromkeys(("mongoimport", "mongoexport", "mongodump", "mongorestore"), _mongo),
    **dict.fromkeys(("kafka-console-producer", "kafka-console-producer.sh"), _kafka(produces=True)),
    **dict.fromkeys(
        ("kafka-console-consumer", "kafka-console-consumer.sh"), _kafka(produces=False)
    ),
    **dict.fromkeys(("kcat", "kafkacat"), _kcat),
}
