"""Which server, and which database in it, a client on the command line is connected to."""

from __future__ import annotations

import re

from adapters.airflow.legacy.record.child.shell import Command
from adapters.airflow.lineage.families.command_words import option, plain
from adapters.airflow.lineage.templates import MARK

_HOSTS = {
    "postgres": ("-h", "--host"),
    "mysql": ("-h", "--host"),
    "clickhouse": ("-h", "--host"),
    "mssql": ("-S",),
    "vertica": ("-h", "--host"),
}
_PORTS = {
    "postgres": ("-p", "--port"),
    "mysql": ("-P", "--port"),
    "clickhouse": ("--port",),
    "vertica": ("-p", "--port"),
}
_HOST = re.compile(r"[\w.-]*[a-z][\w.-]*|\d+(?:\.\d+){3}")
_ONLY_A_RUN_KNOWS = re.compile(MARK)
_PASSWORD = re.compile(r"-p[^-].*|-p")  # of mysql's clients, always in one word
_WHOLE_NAME = re.compile(r"\{\w+\}")  # a variable that holds the whole address
_URL = re.compile(
    r"(?:postgres(?:ql)?|mysql|clickhouse)://(?:[^@/\s]*@)?([\w.-]+)(?::(\d+))?(?:/(\w+))?"
)
_FLAGS = frozenset(
    """
    -a -b -e -E -q -t -A -x -X -w -W -1 -n -s -S -N -B --no-psqlrc --quiet --tuples-only --csv
    --single-transaction --echo-all --no-password --password --local-infile --batch --force
    """.split()  # noqa: SIM905
)


def connected(
    command: Command, scheme: str, names: tuple[str, ...], flags: frozenset[str] = _FLAGS
) -> tuple[str, str | None]:
    """(server, the database in it); where no server is told, the database stands for it, and where
    nothing is, `default`. `names` are the options for a database.
    """
    words = command.words[1:]
    database = option(words, *names) if names else None
    if database is None or "://" in database:
        for word in words:
            found = _URL.search(word)
            if found and found[3] and _ONLY_A_RUN_KNOWS.search(found[1]):
                return found[3], None
            if found:
                return _server(found[1], found[2]), found[3]
    asked = dict(command.asked) if scheme == "postgres" else {}
    if database is None and scheme in ("postgres", "mysql"):
        if scheme == "mysql":
            words = tuple(word for word in words if not _PASSWORD.fullmatch(word))
        rest = [w for w in plain(words, flags) if w.isidentifier() or _WHOLE_NAME.fullmatch(w)]
        database = rest[0] if rest else asked.get("PGDATABASE")
    host = option(words, *_HOSTS.get(scheme, ())) or asked.get("PGHOST")
    if host is None or not _HOST.fullmatch(host):
        return database or "default", None
    if _ONLY_A_RUN_KNOWS.search(host):
        return database or host, None
    port = option(words, *_PORTS.get(scheme, ())) or asked.get("PGPORT")
    return _server(host, port), database


def _server(host: str, port: str | None) -> str:
    return f"{host}:{port}" if port and port.isdigit() else host
