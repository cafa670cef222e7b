"""What well-known programs read and write, by the words of their command lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from adapters.airflow.legacy.datasets import Direction
from adapters.airflow.lineage.shell import Command

SAID, SHOWN, NAMED = 0.9, 0.8, 0.6  # by the program's rules; by a local path; by an option's name
_URL = re.compile(r"(gs|s3|s3a|s3n|hdfs|abfss?|wasbs?|adl|oss|cos|file)://\S+")
_READ_NAMES = re.compile(r"(^|[-_.])(in|input|inputs|src|source|sources|from|read)([-_.]|$)", re.I)
_WRITE_NAMES = re.compile(
    r"(^|[-_.])(out|output|outputs|dst|dest|destination|target|to|sink|write|save)([-_.]|$)", re.I
)
_TABLE_NAME = re.compile(r"table([-_.]?(name|id))?$", re.IGNORECASE)
_TABLE = re.compile(r"[\w-]+(\.[\w-]+){0,2}")
_SQL_FILE = (".sql", ".hql", ".ddl", ".dml")


@dataclass(frozen=True, slots=True)
class Touch:
    """A place that a command reads or writes, as text: a URI, not yet canonical."""

    uri: str
    direction: Direction
    confidence: float = SAID


@dataclass(frozen=True, slots=True)
class Query:
    """SQL that a command runs: the text, or the file it is in, on one kind of database."""

    scheme: str
    database: str
    text: str | None = None
    file: str | None = None
    destination: str | None = None


Found: TypeAlias = "list[Touch | Query]"


@dataclass(frozen=True, slots=True)
class Effect:
    """What one command does; `is_known` where that is all it does to data."""

    found: tuple[Touch | Query, ...] = ()
    is_known: bool = True


def effect(command: Command) -> Effect:
    """What a command does, by its program; of an unknown one, what its options say."""
    files = [
        *(Touch(f"file://{path}", "read", SHOWN) for path in command.reads if _is_file(path)),
        *(Touch(f"file://{path}", "write", SHOWN) for path in command.writes if _is_file(path)),
    ]
    program = PROGRAMS.get(command.name)
    if program is not None:
        return Effect((*program(command), *files))
    if command.name in QUIET:
        return Effect(tuple(files))
    return Effect((*_by_option(command), *files), is_known=False)


def _is_file(path: str) -> bool:
    return path.startswith("/") and not path.startswith(("/dev/", "/proc/"))


def _place(word: str) -> str | None:
    if _URL.fullmatch(word):
        return word
    return f"file://{word}" if _is_file(word) else None


def _touch(word: str, direction: Direction, confidence: float = SAID) -> list[Touch]:
    place = _place(word)
    return [] if place is None else [Touch(place, direction, confidence)]


def _plain(words: Iterable[str], flags: frozenset[str] = frozenset()) -> list[str]:
    """The words that are no options; an option that is no flag takes the next word along."""
    found: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if not word.startswith("-") or word == "-":
            found.append(word)
        elif "=" not in word and word not in flags:
            next(waiting, None)
    return found


def _option(words: tuple[str, ...], *names: str) -> str | None:
    """The value of the first of these options, written apart, after `=` or at once (`-dshop`)."""
    for index, word in enumerate(words):
        for name in names:
            if word == name and index + 1 < len(words):
                return words[index + 1]
            if word.startswith(f"{name}="):
                return word[len(name) + 1 :]
            if len(name) == 2 and word.startswith(name) and len(word) > 2:  # noqa: PLR2004 - `-d`
                return word[2:]
    return None


def _copied(words: list[str], confidence: float = SAID) -> Found:
    """`cp a b c`: the last is written, all others are read."""
    if len(words) < 2:  # noqa: PLR2004 - from and to
        return []
    *sources, target = words
    found: Found = [touch for word in sources for touch in _touch(word, "read", confidence)]
    return [*found, *_touch(target, "write", confidence)]


_AWS_FLAGS = frozenset(
    """
    --recursive --quiet --dryrun --delete --only-show-errors --no-progress --follow-symlinks
    --no-follow-symlinks --no-guess-mime-type --exact-timestamps --size-only --no-verify-ssl
    --no-sign-request --debug --ignore-glacier-warnings --force-glacier-transfer --sse
    """.split()  # noqa: SIM905
)


def _aws(command: Command) -> Found:
    words = _plain(command.words[1:], _AWS_FLAGS)
    if words[:1] == ["s3"] and words[1:2] and words[1] in ("cp", "mv", "sync"):
        return _copied(words[2:])
    return []


def _gsutil(command: Command) -> Found:
    words = [word for word in command.words[1:] if not word.startswith("-")]
    verbs = [index for index, word in enumerate(words) if word in ("cp", "mv", "rsync")]
    return _copied(words[verbs[0] + 1 :]) if verbs else []


def _gcloud(command: Command) -> Found:
    words = [word for word in command.words[1:] if not word.startswith("-")]
    if words[:1] == ["storage"] and words[1:2] and words[1] in ("cp", "mv", "rsync"):
        return _copied(words[2:])
    return []


def _hadoop(command: Command) -> Found:
    words = command.words[1:]
    if words[:1] == ("distcp",):
        return _copied([word for word in words[1:] if not word.startswith("-")])
    verbs = ("-cp", "-mv", "-put", "-copyFromLocal", "-get", "-copyToLocal", "-moveFromLocal")
    for index, word in enumerate(words):
        if word in verbs:
            return _copied([one for one in words[index + 1 :] if not one.startswith("-")])
    return []


def _filter(command: Command) -> Found:
    return [
        touch
        for word in command.words[1:]
        for touch in _touch(word, "write" if command.name == "tee" else "read", SHOWN)
    ]


def _cp(command: Command) -> Found:
    return _copied([word for word in command.words[1:] if not word.startswith("-")], SHOWN)


def _download(command: Command) -> Found:
    urls = [word for word in command.words[1:] if re.match(r"(https?|s?ftp)://", word)]
    output = _option(command.words, "-o", "--output", "-O", "--output-document")
    found: Found = [Touch(url, "read") for url in urls]
    return [*found, *(_touch(output, "write", SHOWN) if output else [])]


_BQ_FLAGS = frozenset(
    """
    --replace --noreplace --autodetect --noautodetect --append_table --nouse_legacy_sql --force
    -f --use_legacy_sql --allow_large_results --noflatten_results --headless --quiet -q
    --synchronous_mode --allow_quoted_newlines --allow_jagged_rows --ignore_unknown_values
    --print_header -a -n --nosync --noprint_header --table --external_table_definition --sync
    --hive_partitioning_mode
    """.split()  # noqa: SIM905
)


def _bq(command: Command) -> Found:
    words = _plain(command.words[1:], _BQ_FLAGS)
    verb, rest = (words[0], words[1:]) if words else ("", [])
    if verb == "load" and len(rest) >= 2:  # noqa: PLR2004 - table and source
        sources = [touch for one in rest[1].split(",") for touch in _touch(one, "read")]
        return [*sources, Touch(_bigquery(rest[0]), "write")]
    if verb == "extract" and len(rest) >= 2:  # noqa: PLR2004 - table and targets
        targets = [touch for one in rest[1].split(",") for touch in _touch(one, "write")]
        return [Touch(_bigquery(rest[0]), "read"), *targets]
    if verb == "cp" and len(rest) >= 2:  # noqa: PLR2004 - from and to
        return [
            *(Touch(_bigquery(one), "read") for one in rest[0].split(",")),
            Touch(_bigquery(rest[1]), "write"),
        ]
    if verb == "query":
        text = command.fed or (rest[-1] if rest else None)
        target = _option(command.words, "--destination_table")
        return [
            Query(
                "bigquery",
                "default",
                text=text,
                file=next(iter(command.reads), None) if text is None else None,
                destination=_bigquery(target) if target else None,
            )
        ]
    return []


def _bigquery(name: str) -> str:
    return f"bigquery://default/{name.replace(':', '.', 1).partition('$')[0]}"


def _database(
    scheme: str, *, text: tuple[str, ...], file: tuple[str, ...], name: tuple[str, ...]
) -> Callable[[Command], Found]:
    """A program that runs SQL: its options for SQL, for a file of it, and for the database."""

    def read(command: Command) -> Found:
        words = command.words[1:]
        database = _option(words, *name) if name else None
        sql = command.fed or _option(words, *text)
        path = _option(words, *file) or next(
            (one for one in command.reads if one.endswith(_SQL_FILE)), None
        )
        if sql is None and path is None:
            return []
        return [Query(scheme, database or "default", text=sql, file=None if sql else path)]

    return read


def _file_database(scheme: str) -> Callable[[Command], Found]:
    """`sqlite3 shop.db "select …"`: the database is a file, the SQL the next word."""

    def read(command: Command) -> Found:
        words = [word for word in command.words[1:] if not word.startswith("-")]
        sql = command.fed or (words[1] if len(words) > 1 else None)
        if not words or sql is None or sql.startswith("."):
            return []
        return [Query(scheme, words[0].strip("/"), text=sql)]

    return read


def _by_option(command: Command) -> Found:
    """`--input gs://a --output-table p-1.d.t` of any program: a guess by names, said to be one."""
    found: Found = []
    options = dict(_options(command.words[1:]))
    for name, value in options.items():
        place = value if _URL.fullmatch(value) else _table_named(name, value, options)
        if place is None:
            continue
        if _WRITE_NAMES.search(name):
            found.append(Touch(place, "write", NAMED))
        elif _READ_NAMES.search(name):
            found.append(Touch(place, "read", NAMED))
    return found


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name.startswith("-"):
            following = words[index + 1] if index + 1 < len(words) else ""
            yield name.lstrip("-"), value if equals else following


def _table_named(name: str, value: str, options: Mapping[str, str]) -> str | None:
    """`--destination_table d.t`, or its words apart: `--dataset_id d --project_id p`."""
    table = value.replace(":", ".", 1).partition("$")[0]
    if not _TABLE_NAME.search(name) or not _TABLE.fullmatch(table):
        return None
    words = {key.replace("-", "_").lower(): text for key, text in options.items()}
    if "." not in table:
        dataset = words.get("dataset_id") or words.get("dataset")
        if dataset is None:
            return None
        table = f"{dataset}.{table}"
    project = words.get("project_id") or words.get("project")
    if table.count(".") == 1 and project and "dataset_id" in words:
        table = f"{project}.{table}"
    is_bigquery = "-" in table or "dataset_id" in words
    return f"{'bigquery' if is_bigquery else 'sql'}://default/{table}"


PROGRAMS: dict[str, Callable[[Command], Found]] = {
    "aws": _aws,
    "gsutil": _gsutil,
    "gcloud": _gcloud,
    "hdfs": _hadoop,
    "hadoop": _hadoop,
    **dict.fromkeys(("cat", "head", "sort", "tail", "tee", "uniq", "wc", "zcat"), _filter),
    "cp": _cp,
    "mv": _cp,
    "curl": _download,
    "wget": _download,
    "bq": _bq,
    "psql": _database(
        "postgres", text=("-c", "--command"), file=("-f", "--file"), name=("-d", "--dbname")
    ),
    "mysql": _database("mysql", text=("-e", "--execute"), file=(), name=("-D", "--database")),
    "snowsql": _database(
        "snowflake", text=("-q", "--query"), file=("-f", "--filename"), name=("-d", "--dbname")
    ),
    "clickhouse-client": _database(
        "clickhouse", text=("-q", "--query"), file=("--queries-file",), name=("-d", "--database")
    ),
    "hive": _database("hive", text=("-e",), file=("-f",), name=("--database",)),
    "beeline": _database("hive", text=("-e",), file=("-f",), name=()),
    "spark-sql": _database("spark", text=("-e",), file=("-f",), name=("--database",)),
    "trino": _database("trino", text=("--execute",), file=("-f", "--file"), name=("--catalog",)),
    "sqlite3": _file_database("sqlite"),
    "duckdb": _file_database("duckdb"),
}
# They move no data that anybody would look for.
QUIET = frozenset(
    """
    : [ [[ awk basename break cd chmod chown continue cut date dirname echo exit expr false find
    grep hostname jq kill let ls mkdir popd printf pushd pwd read return rm rmdir sed set shift
    sleep source . ssh-add test touch tr trap true ulimit umask unset wait which whoami xargs
    sync case esac function
    """.split()  # noqa: SIM905
)
