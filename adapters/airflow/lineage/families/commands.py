"""What well-known programs read and write, by the words of their command lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.airflow.lineage.families.command_words import (
    GUESSED,
    NAMED,
    SHOWN,
    URL,
    Found,
    Query,
    Touch,
    copied,
    fed_sql,
    is_file,
    option,
    plain,
    touch,
)
from adapters.airflow.lineage.families.copies import COPIES
from adapters.airflow.lineage.shell import TEXT_OF, Command

_READ_NAMES = re.compile(r"(^|[-_.])(in|input|inputs|src|source|sources|from|read)([-_.]|$)", re.I)
_WRITE_NAMES = re.compile(
    r"(^|[-_.])(out|output|outputs|dst|dest|destination|target|to|sink|write|save)([-_.]|$)", re.I
)
_TABLE_NAME = re.compile(r"table([-_.]?(name|id))?$", re.IGNORECASE)
_TABLE = re.compile(r"[\w-]+(\.[\w-]+){0,2}")


@dataclass(frozen=True, slots=True)
class Effect:
    """What one command does; `is_known` where that is all it does to data."""

    found: tuple[Touch | Query, ...] = ()
    is_known: bool = True


def effect(command: Command) -> Effect:
    """What a command does, by its program; of an unknown one, what its options say."""
    files = [
        *(Touch(f"file://{path}", "read", SHOWN) for path in command.reads if is_file(path)),
        *(Touch(f"file://{path}", "write", SHOWN) for path in command.writes if is_file(path)),
    ]
    program = PROGRAMS.get(command.name)
    if program is not None:
        return Effect((*program(command), *files))
    if command.name in QUIET:
        return Effect(tuple(files))
    return Effect((*(_by_option(command) or _by_place(command)), *files), is_known=False)


_ARTEFACTS = (".py", ".jar", ".sql", ".sh", ".zip", ".whl", ".egg", ".r", ".conf")


def _by_place(command: Command) -> Found:
    """`job gs://a gs://b`: what is last is most often written."""
    places = [
        word
        for word in command.words[1:]
        if URL.fullmatch(word) and not word.lower().endswith(_ARTEFACTS)
    ]
    return copied(places, GUESSED)


_AWS_FLAGS = frozenset(
    """
    --recursive --quiet --dryrun --delete --only-show-errors --no-progress --follow-symlinks
    --no-follow-symlinks --no-guess-mime-type --exact-timestamps --size-only --no-verify-ssl
    --no-sign-request --debug --ignore-glacier-warnings --force-glacier-transfer --sse
    """.split()  # noqa: SIM905
)


def _aws(command: Command) -> Found:
    asked = option(command.words, "--sql", "--query-string")
    if asked and "athena" in command.words:
        found = re.search(r"Database=(\w+)", " ".join(command.words))
        return [Query("awsathena", found[1] if found else "default", text=asked)]
    if asked and "redshift-data" in command.words:
        return [Query("redshift", option(command.words, "--database") or "default", text=asked)]
    words = plain(command.words[1:], _AWS_FLAGS)
    if words[:1] == ["s3"] and words[1:2] and words[1] in ("cp", "mv", "sync"):
        return copied(words[2:])
    return []


def _gsutil(command: Command) -> Found:
    words = [word for word in command.words[1:] if not word.startswith("-")]
    verbs = [index for index, word in enumerate(words) if word in ("cp", "mv", "rsync")]
    return copied(words[verbs[0] + 1 :]) if verbs else []


def _gcloud(command: Command) -> Found:
    words = [word for word in command.words[1:] if not word.startswith("-")]
    if words[:1] == ["storage"] and words[1:2] and words[1] in ("cp", "mv", "rsync"):
        return copied(words[2:])
    return []


def _hadoop(command: Command) -> Found:
    words = command.words[1:]
    if words[:1] == ("distcp",):
        return copied([word for word in words[1:] if not word.startswith("-")])
    verbs = ("-cp", "-mv", "-put", "-copyFromLocal", "-get", "-copyToLocal", "-moveFromLocal")
    for index, word in enumerate(words):
        if word in verbs:
            return copied([one for one in words[index + 1 :] if not one.startswith("-")])
    return []


def _filter(command: Command) -> Found:
    return [
        each
        for word in command.words[1:]
        for each in touch(word, "write" if command.name == "tee" else "read", SHOWN)
    ]


def _cp(command: Command) -> Found:
    return copied([word for word in command.words[1:] if not word.startswith("-")], SHOWN)


def _download(command: Command) -> Found:
    urls = [word for word in command.words[1:] if re.match(r"(https?|s?ftp)://", word)]
    output = option(command.words, "-o", "--output", "-O", "--output-document")
    found: Found = [Touch(url, "read") for url in urls]
    return [*found, *(touch(output, "write", SHOWN) if output else [])]


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
    words = plain(command.words[1:], _BQ_FLAGS)
    verb, rest = (words[0], words[1:]) if words else ("", [])
    if verb == "load" and len(rest) >= 2:  # noqa: PLR2004 - table and source
        sources = [each for one in rest[1].split(",") for each in touch(one, "read")]
        return [*sources, Touch(_bigquery(rest[0]), "write")]
    if verb == "extract" and len(rest) >= 2:  # noqa: PLR2004 - table and targets
        targets = [each for one in rest[1].split(",") for each in touch(one, "write")]
        return [Touch(_bigquery(rest[0]), "read"), *targets]
    if verb == "cp" and len(rest) >= 2:  # noqa: PLR2004 - from and to
        return [
            *(Touch(_bigquery(one), "read") for one in rest[0].split(",")),
            Touch(_bigquery(rest[1]), "write"),
        ]
    if verb == "query":
        fed, path = fed_sql(command)
        text = rest[-1] if rest else fed
        if text is not None and text.startswith(TEXT_OF):
            path, text = text.removeprefix(TEXT_OF), None
        target = option(command.words, "--destination_table")
        destination = _bigquery(target) if target else None
        return [Query("bigquery", "default", text, None if text else path, destination)]
    if verb in ("mk", "mkdef") and rest:
        source = option(command.words, "--external_table_definition") or ""
        places = [word.partition("=")[2] for word in source.split("@") if "=" in word]
        read = [each for one in places for each in touch(one, "read")]
        return [*read, *([Touch(_bigquery(rest[-1]), "write")] if read else [])]
    return []


def _bigquery(name: str) -> str:
    return f"bigquery://default/{name.replace(':', '.', 1).partition('$')[0]}"


def _database(
    scheme: str, *, text: tuple[str, ...], file: tuple[str, ...], name: tuple[str, ...]
) -> Callable[[Command], Found]:
    """A program that runs SQL: its options for SQL, for a file of it, and for the database."""

    def read(command: Command) -> Found:
        words = command.words[1:]
        database = option(words, *name) if name else None
        sql, path = fed_sql(command)
        sql, path = option(words, *text) or sql, option(words, *file) or path
        if sql is not None and sql.startswith(TEXT_OF):
            path, sql = sql.removeprefix(TEXT_OF), None
        if sql is None and path is None:
            return []
        if database is None or "://" in database:
            database = _database_named(scheme, words) or database
        return [Query(scheme, database or "default", text=sql, file=None if sql else path)]

    return read


def _database_named(scheme: str, words: Sequence[str]) -> str | None:
    """The database of `psql postgres://host/shop`, `psql shop`; a server if need be."""
    for word in words:
        found = _DATABASE_URL.search(word)
        if found:
            return found[2] or found[1]
    first = [word for word in plain(words, _CLIENT_FLAGS) if word.isidentifier()]
    if scheme in ("postgres", "mysql") and first:
        return first[0]
    host = option(tuple(words), "-h", "--host")
    return host if host and re.fullmatch(r"[\w.-]*[a-z][\w.-]*", host) else None


_DATABASE_URL = re.compile(
    r"(?:postgres(?:ql)?|mysql|clickhouse)://(?:[^@/\s]*@)?([\w.-]+)(?::\d+)?(?:/(\w+))?"
)
_CLIENT_FLAGS = frozenset(
    """
    -a -b -e -E -q -t -A -x -X -w -W -1 -n -s -S -N -B --no-psqlrc --quiet --tuples-only --csv
    --single-transaction --echo-all --no-password --password --local-infile --batch --force
    """.split()  # noqa: SIM905
)


def _file_database(scheme: str) -> Callable[[Command], Found]:
    """`sqlite3 shop.db "select …"`: the database is a file, the SQL the next word."""

    def read(command: Command) -> Found:
        words = [word for word in command.words[1:] if not word.startswith("-")]
        fed, path = fed_sql(command)
        sql = words[1] if len(words) > 1 else fed
        if sql is not None and sql.startswith((".read ", TEXT_OF)):
            path, sql = sql.removeprefix(".read ").removeprefix(TEXT_OF).strip(), None
        if not words or ((sql or ".").startswith(".") and path is None):
            return []
        return [Query(scheme, words[0].strip("/"), text=sql, file=path)]

    return read


def _by_option(command: Command) -> Found:
    """`--input gs://a --output-table p-1.d.t` of any program: a guess by names, said to be one."""
    found: Found = []
    options = dict(_options(command.words[1:]))
    for name, value in options.items():
        found_at = value if URL.fullmatch(value) else _table_named(name, value, options)
        if found_at is None:
            continue
        if _WRITE_NAMES.search(name):
            found.append(Touch(found_at, "write", NAMED))
        elif _READ_NAMES.search(name):
            found.append(Touch(found_at, "read", NAMED))
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
    **COPIES,
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
    "sqlcmd": _database("mssql", text=("-Q", "-q"), file=("-i",), name=("-d",)),
    "impala-shell": _database("impala", text=("-q", "--query"), file=("-f",), name=("-d",)),
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
