"""Programs that copy, pack, dump or load: between machines, stores and databases."""

from __future__ import annotations

import re
from collections.abc import Callable

from adapters.airflow.legacy.datasets import Direction
from adapters.airflow.legacy.record.child.shell import Command
from adapters.airflow.lineage.families.client_servers import connected
from adapters.airflow.lineage.families.command_words import (
    SAID,
    SHOWN,
    Found,
    Touch,
    copied,
    option,
    plain,
    touch,
)
from adapters.airflow.lineage.families.maps import MAPS
from adapters.airflow.lineage.families.sqoop import sqoop
from adapters.airflow.lineage.table_names import whole

_HOST = re.compile(r"(?:[\w.-]+@)?([\w.-]+):(/\S*)")
_PACKED = re.compile(r"\.(tar(\.\w+)?|tgz|tbz2?|txz|zip)$")


def _from_words(command: Command) -> list[str]:
    return [word for word in command.words[1:] if not word.startswith("-")]


def _between_machines(command: Command) -> Found:
    """`scp a host:/b`, `rsync -a host:/a /b`: a file of another machine is one of its SFTP."""
    words = [_HOST.sub(r"sftp://\1\2", word) for word in plain(command.words[1:], _FLAGS)]
    if len(words) < 2:  # noqa: PLR2004 - from and to
        return []
    *sources, target = words
    return [*_reads(sources), *_any(target, "write")]


_FLAGS = frozenset(f"-{sign}" for sign in "aABcCdDghHlLnNopqrRtTuvWxXzZ01234569") | {
    *("-av", "-avz", "-az", "-rv", "-r", "-avzh", "-aP", "-avP", "-Cr", "-pr", "-rp"),
    *("--delete", "--recursive", "--verbose", "--archive", "--compress", "--progress"),
}


def _reads(words: list[str]) -> Found:
    return [each for word in words for each in _any(word, "read")]


def _any(word: str, direction: Direction) -> Found:
    if word.startswith("sftp://"):
        return [Touch(word, direction)]
    return list(touch(word, direction, SHOWN if word.startswith("/") else SAID))


def _verb_then_places(*verbs: str) -> Callable[[Command], Found]:
    """`azcopy copy a b`: from and to after a verb."""

    def read(command: Command) -> Found:
        words = _from_words(command)
        if not words or words[0] not in verbs:
            return []
        return copied([_store(word) for word in words[1:]])

    return read


def _store(word: str) -> str:
    """A blob's address is the container's; `s3-remote:bucket/x` of rclone says what it is."""
    remote = re.match(r"[\w-]*?(s3|aws|minio|gcs|gs)[\w-]*:([\w.{}-]+/.*)", word, re.IGNORECASE)
    if remote and "://" not in word:
        return f"{'gs' if remote[1].lower() in ('gcs', 'gs') else 's3'}://{remote[2]}"
    blob = re.match(
        r"https://([\w.{}-]+)\.(?:blob|dfs)\.core\.windows\.net/([^/?]+)/?([^?]*)", word
    )
    return f"wasbs://{blob[2]}@{blob[1]}.blob.core.windows.net/{blob[3]}" if blob else word


def _az(command: Command) -> Found:
    """`az storage blob upload -c orders -n x.csv -f /data/x.csv`."""
    words = command.words[1:]
    verb = words[2] if words[:2] in (("storage", "blob"), ("storage", "fs")) and words[2:] else ""
    account = option(words, "--account-name")
    container = option(words, "--container-name", "-c", "--destination", "-d", "--source", "-s")
    name = option(words, "--name", "-n") or ""
    path = option(words, "--file", "-f", "--source", "-s", "--destination", "-d") or ""
    at = f"@{account}.blob.core.windows.net" if account else ""
    blob = f"wasbs://{container}{at}/{name}" if container else ""
    if verb == "upload":
        return copied([path, blob])
    return copied([blob, path]) if verb == "download" else []


def _sftp(command: Command) -> Found:
    """`sftp host` that is fed `put a b` and `get a b`."""
    host = _SFTP_HOST.search(" ".join(_from_words(command)[-1:]))
    found: Found = []
    for line in (command.fed or "").splitlines() if host else ():
        words = [word for word in line.split() if not word.startswith("-")]
        if host and len(words) > 1 and words[0] in ("put", "get", "mput", "mget"):
            here, there = (1, 2) if words[0].endswith("put") else (2, 1)
            sides: tuple[tuple[int, Direction], ...] = (
                ((here, "read"), (there, "write"))
                if here == 1
                else ((here, "write"), (there, "read"))
            )
            for index, side in sides:
                word = words[index] if index < len(words) else ""
                place = f"sftp://{host[1]}{word}" if index == there else word
                found += _any(place, side) if word.startswith("/") else []
    return found


_SFTP_HOST = re.compile(r"(?:[\w.{}-]+@)?([\w.{}-]+)(?::\S*)?$")


def _s3cmd(command: Command) -> Found:
    words = _from_words(command)
    if words[:1] and words[0] in ("put", "get", "cp", "mv", "sync", "move", "copy"):
        return copied(words[1:])
    return []


def _tar(command: Command) -> Found:
    words = list(command.words[1:])
    flags = words[0].lstrip("-") if words else ""
    packed = [word for word in words if _PACKED.search(word)]
    others = [word for word in words if word.startswith("/") and word not in packed]
    if "c" in flags:
        return [*_side(packed[:1], "write"), *_side(others, "read")]
    return [*_side(packed[:1], "read"), *_side(others, "write")]


def _side(words: list[str], direction: Direction) -> Found:
    return [each for word in words for each in touch(word, direction, SHOWN)]


def _zip(command: Command) -> Found:
    words = _from_words(command)
    return [*_side(words[:1], "write"), *_side(words[1:], "read")]


def _unzip(command: Command) -> Found:
    target = option(command.words[1:], "-d")
    source = [word for word in _from_words(command) if word != target]
    return [*_side(source[:1], "read"), *_side([target] if target else [], "write")]


def _gzip(command: Command) -> Found:
    """It replaces a file, unless it only prints what is in it."""
    files = [word for word in _from_words(command) if word.startswith("/")]
    prints = any(re.fullmatch(r"-\w*c\w*|--stdout", word) for word in command.words[1:])
    unpacks = command.name == "gunzip" or any(w.startswith("-d") for w in command.words[1:])
    made = [re.sub(r"\.gz$", "", name) if unpacks else f"{name}.gz" for name in files if not prints]
    return [*_side(files, "read"), *_side(made, "write")]


def _split(command: Command) -> Found:
    words = plain(command.words[1:])
    return [*_side(words[:1], "read"), *_side([f"{word}*" for word in words[1:2]], "write")]


def _dump(scheme: str) -> Callable[[Command], Found]:
    """`pg_dump -d shop -t a -f /x`, `mysqldump shop a > /x`: tables are named, or it is all."""

    def read(command: Command) -> Found:
        words = command.words[1:]
        named = plain(words, _DUMP_FLAGS)
        server, database = connected(
            command, scheme, ("-d", "--dbname", "--databases"), _DUMP_FLAGS
        )
        given = [words[i + 1] for i, word in enumerate(words[:-1]) if word in ("-t", "--table")]
        tables = given or (named[1:] if scheme == "mysql" else [])
        target = option(words, "-f", "--file", "--result-file", "-r")
        found: Found = [
            Touch(f"{scheme}://{server}/{whole(table, scheme, database)}", "read")
            for table in tables
            if server != "default"
        ]
        return [*found, *_side([target] if target else [], "write")]

    return read


_DUMP_FLAGS = frozenset(
    """
    -a -c -C -O -s -v -x -Fc --data-only --clean --create --no-owner --no-acl --schema-only
    --single-transaction --quick --no-create-info --no-data --skip-lock-tables --compact --opt
    """.split()  # noqa: SIM905
)


def _minio(command: Command) -> Found:
    """`mc cp /data/a store/bucket/a`: what begins with a name is in the store of that name."""
    words = _from_words(command)
    if words[:1] not in (["cp"], ["mv"], ["mirror"]):
        return []
    return copied([_ALIAS.sub("s3://", word) for word in words[1:]])


_ALIAS = re.compile(r"^[\w-]+/(?=[\w.{}-]+(/|$))")


def _swift(command: Command) -> Found:
    """`swift upload orders /data/a.csv`, `swift download orders a.csv -o /data/a.csv`."""
    words = plain(command.words[1:])
    if words[:1] == ["upload"] and words[2:]:
        name = option(command.words, "--object-name")
        there = [f"swift://{words[1]}/{(name or word).lstrip('/')}" for word in words[2:]]
        return [*_side(words[2:], "read"), *(Touch(each, "write") for each in there)]
    if words[:1] == ["download"] and words[2:]:
        target = option(command.words, "-o", "--output")
        there = [f"swift://{words[1]}/{word}" for word in words[2:]]
        kept = _side([target] if target else [], "write")
        return [*(Touch(each, "read") for each in there), *kept]
    return []


COPIES: dict[str, Callable[[Command], Found]] = {
    "scp": _between_machines,
    "rsync": _between_machines,
    "rclone": _verb_then_places("copy", "copyto", "move", "moveto", "sync"),
    "azcopy": _verb_then_places("copy", "cp", "sync"),
    "az": _az,
    "sftp": _sftp,
    "s3cmd": _s3cmd,
    "s5cmd": _s3cmd,
    "tar": _tar,
    "zip": _zip,
    "unzip": _unzip,
    "gzip": _gzip,
    "gunzip": _gzip,
    "split": _split,
    "pg_dump": _dump("postgres"),
    "mysqldump": _dump("mysql"),
    "sqoop": sqoop,
    "mc": _minio,
    "swift": _swift,
    **MAPS,
}
