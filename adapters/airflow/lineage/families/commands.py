"""What well-known programs read and write, by the words of their command lines; `copies` and
`clients` have more of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.airflow.legacy.record.child.shell import TEXT_OF, Command
from adapters.airflow.lineage.families.clients import CLIENTS
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
    option,
    plain,
    touch,
)
from adapters.airflow.lineage.families.copies import COPIES

_READ_NAMES = re.compile(r"(^|[-_.])(in|input|inputs|src|source|sources|from|read)([-_.]|$)", re.I)
_WRITE_NAMES = re.compile(
    r"(^|[-_.])(out|output|outputs|dst|dest|destination|target|to|sink|write|save)([-_.]|$)", re.I
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_QUEUE = re.compile(r"projects/([\w{}.-]+)/(?:topics|subscriptions)/([\w{}.-]+)")
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
        *(each for path in command.reads for each in touch(path, "read", SHOWN)),
        *(each for path in command.writes for each in touch(path, "write", SHOWN)),
    ]
    program = PROGRAMS.get(command.name)
    if command.name == "gcloud" and not _STARTS_JOBS.isdisjoint(command.words[1:3]):
        program = None
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
    if words[:1] == ["s3api"]:
        return _s3api(command, words)
    if words[:1] == ["s3"] and words[1:2] and words[1] in ("cp", "mv", "sync"):
        return copied(words[2:])
    return []


def _s3api(command: Command, words: list[str]) -> Found:
    bucket, key = option(command.words, "--bucket"), option(command.words, "--key")
    place = [f"s3://{bucket}/{key}"] if bucket and key else []
    if words[1:2] == ["put-object"]:
        body = option(command.words, "--body")
        return copied([*([body] if body else [""]), *place])
    if words[1:2] == ["get-object"]:
        return copied([*place, *words[2:3]])
    if words[1:2] == ["copy-object"]:
        return copied([f"s3://{option(command.words, '--copy-source')}", *place])
    return []


def _gsutil(command: Command) -> Found:
    words = [word for word in command.words[1:] if not word.startswith("-") or word == "-"]
    if "cat" in words[:2]:
        return [each for word in words for each in touch(word, "read")]
    verbs = [index for index, word in enumerate(words) if word in ("cp", "mv", "rsync")]
    return copied(words[verbs[0] + 1 :]) if verbs else []


def _gcloud(command: Command) -> Found:
    words = [word for word in command.words[1:] if not word.startswith("-") or word == "-"]
    if words[:1] == ["storage"] and words[1:2] and words[1] in ("cp", "mv", "rsync"):
        return copied(words[2:])
    if words[:1] == ["sql"] and len(words) > 4:  # noqa: PLR2004 - verb, form, instance, place
        table, database = option(command.words, "--table"), option(command.words, "--database")
        imports = words[1] == "import"
        found: Found = list(touch(words[4], "read" if imports else "write"))
        if table and database:
            named = f"cloudsql://{words[3]}/{database}.{table}"
            found.append(Touch(named, "write" if imports else "read"))
        return found
    return []


_STARTS_JOBS = frozenset(("dataproc", "dataflow", "ai", "ai-platform", "run", "functions"))


def _hadoop(command: Command) -> Found:
    """Between the cluster's file system and the worker's."""
    words = command.words[1:]
    if words[:1] == ("distcp",):
        return copied([*map(_in_hdfs, (word for word in words[1:] if not word.startswith("-")))])
    for index, word in enumerate(words):
        if word in _HDFS_VERBS:
            from_here, to_here = _HDFS_VERBS[word]
            rest = [one for one in words[index + 1 :] if not one.startswith("-")]
            sources = [each if from_here else _in_hdfs(each) for each in rest[:-1]]
            targets = [each if to_here else _in_hdfs(each) for each in rest[-1:]]
            return copied([*sources, *targets])
    return []


# Whether the source is the worker's, whether the target is.
_HDFS_VERBS = {
    **dict.fromkeys(("-put", "-copyFromLocal", "-moveFromLocal"), (True, False)),
    **dict.fromkeys(("-get", "-copyToLocal", "-moveToLocal", "-getmerge"), (False, True)),
    **dict.fromkeys(("-cp", "-mv"), (False, False)),
}


def _in_hdfs(word: str) -> str:
    return f"hdfs://default{word}" if word.startswith("/") else word


def _filter(command: Command) -> Found:
    shows = command.name != "tee" and not command.writes and not command.feeds
    return [
        replace(each, shows=shows)
        for word in command.words[1:]
        for each in touch(word, "write" if command.name == "tee" else "read", SHOWN)
    ]


def _cp(command: Command) -> Found:
    return copied([word for word in command.words[1:] if not word.startswith("-")], SHOWN)


def _download(command: Command) -> Found:
    """What is fetched, or put there with `-T`; a request that posts something fetches nothing,
    unless its answer is kept.
    """
    words = command.words
    urls = [word for word in words[1:] if re.match(r"(https?|s?ftp)://", word)]
    sent = option(words, "-T", "--upload-file") if command.name == "curl" else None
    if sent:
        target = [url + sent.rpartition("/")[2] if url.endswith("/") else url for url in urls]
        return [*touch(sent, "read", SHOWN), *(Touch(url, "write") for url in target)]
    output = option(words, *(_CURL_OUTPUT if command.name == "curl" else _WGET_OUTPUT))
    folder = option(words, "-P", "--directory-prefix") if command.name == "wget" else None
    if folder and urls and not output:
        output = f"{folder.rstrip('/')}/{urls[0].partition('?')[0].rpartition('/')[2]}"
    posts = (option(words, "-X", "--request") or "GET").upper() != "GET" or any(
        word.startswith(("-d", "--data", "--post-")) for word in words[1:]
    )
    if posts and not output and not command.writes:
        return []
    found: Found = [Touch(url, "read") for url in urls]
    return [*found, *(touch(output, "write", SHOWN) if output else [])]


_CURL_OUTPUT = ("-o", "--output")
_WGET_OUTPUT = ("-O", "--output-document")


def _changed(command: Command) -> Found:
    """`awk … a > b`: a filter that is not asked for its exit code."""
    return _filter(command) if command.writes else []


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


def _by_option(command: Command) -> Found:
    """`--input gs://a --output-table p-1.d.t` of any program: a guess by names, said to be one."""
    found: Found = []
    options = dict(_options(command.words[1:]))
    for name, value in options.items():
        queue = _QUEUE.fullmatch(value)
        found_at = value if URL.fullmatch(value) else _table_named(name, value, options)
        found_at = f"pubsub://{queue[1]}/{queue[2]}" if queue else found_at
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
            yield _CAMEL.sub("_", name.lstrip("-")), value if equals else following


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
    is_bigquery = "-" in table or ":" in value or "dataset_id" in words
    return f"{'bigquery' if is_bigquery else 'sql'}://default/{table}"


PROGRAMS: dict[str, Callable[[Command], Found]] = {
    **COPIES,
    **CLIENTS,
    "aws": _aws,
    "gsutil": _gsutil,
    "gcloud": _gcloud,
    "hdfs": _hadoop,
    "hadoop": _hadoop,
    **dict.fromkeys(("cat", "head", "sort", "tail", "tee", "uniq", "wc", "zcat"), _filter),
    **dict.fromkeys(("awk", "cut", "grep", "jq", "sed", "tr"), _changed),
    "cp": _cp,
    "mv": _cp,
    "curl": _download,
    "wget": _download,
    "bq": _bq,
}
# They move no data that anybody would look for.
QUIET = frozenset(
    """
    : [ [[ basename break cd chmod chown continue date dirname echo exit expr false find
    hostname kill let ls mkdir popd printf pushd pwd read return rm rmdir set shift
    sleep source . ssh-add test touch trap true ulimit umask unset wait which whoami xargs
    sync case esac function
    """.split()  # noqa: SIM905
)
