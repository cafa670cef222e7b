"""Sqoop: between the tables of a database and Hadoop."""

from __future__ import annotations

import re

from adapters.airflow.legacy.datasets import Direction
from adapters.airflow.legacy.record.child.shell import Command
from adapters.airflow.lineage.families.command_words import Found, Query, Touch, option
from adapters.airflow.lineage.table_names import whole

_NAME = r"[\w.{}-]+"
_HOST = rf"{_NAME}(?::\w+)?"
_ADDRESSES = (
    re.compile(rf"jdbc:(?P<kind>oracle):thin:@/{{0,2}}(?P<at>{_HOST})[:/](?P<in>{_NAME})"),
    re.compile(rf"jdbc:(?P<kind>sqlserver)://(?P<at>{_HOST}).*?;database(?:Name)?=(?P<in>{_NAME})"),
    re.compile(rf"jdbc:(?P<kind>\w+)://(?P<at>{_HOST})/(?P<in>{_NAME})"),
)
_KINDS = {"postgresql": "postgres", "sqlserver": "mssql"}


def sqoop(command: Command) -> Found:
    """`sqoop import --connect jdbc:… --table t --target-dir /x -- --schema s`, or `export`."""
    words = command.words[1:]
    address = option(words, "--connect") or ""
    match = next((found for each in _ADDRESSES if (found := each.match(address))), None)
    table, query = option(words, "--table"), option(words, "--query", "-e")
    imports = "import" in words
    own: Found = []
    if match is not None:
        kind = _KINDS.get(match["kind"], match["kind"])
        if table:
            name = whole(table, kind, match["in"], option(words, "--schema"))
            own.append(Touch(f"{kind}://{match['at']}/{name}", "read" if imports else "write"))
        elif query:
            text = query.replace("\\$CONDITIONS", "1=1").replace("{CONDITIONS}", "1=1")
            own.append(Query(kind, match["at"], text=text, inside=match["in"]))
    return [*own, *_in_hadoop(words, table, "write" if imports else "read")]


def _in_hadoop(words: tuple[str, ...], table: str | None, side: Direction) -> Found:
    """The folder, and the table of Hive, which has the name of the other one if it has no own."""
    folder = option(words, "--target-dir", "--export-dir")
    warehouse = option(words, "--warehouse-dir")
    if folder is None and warehouse and table:
        folder = f"{warehouse.rstrip('/')}/{table}"
    place = f"hdfs://default{folder}" if folder and folder.startswith("/") else folder or ""
    hive = option(words, "--hive-table", "--hcatalog-table")
    schema = option(words, "--hive-database", "--hcatalog-database")
    if hive is None and schema and "--hive-import" in words:
        hive = table and table.rpartition(".")[2]
    name = whole(hive, "hive", schema) if hive else None
    return [
        *([Touch(place, side)] if "://" in place else []),
        *([Touch(f"hive://default/{name}", side)] if name else []),
    ]
