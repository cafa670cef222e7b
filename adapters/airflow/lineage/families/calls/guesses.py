"""What a function's arguments are called: a guess where its body says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import Direction

_READ = re.compile(
    r"(^|_)(in|input|inputs|src|source|sources|from|read|origin)(_|$)", re.IGNORECASE
)
_WRITE = re.compile(
    r"(^|_)(out|output|outputs|dst|dest|destination|target|to|sink|write|save|result)(_|$)",
    re.IGNORECASE,
)
_PLACE = re.compile(r"(^|_)(path|uri|url|file|filename|filepath|location|endpoint)$", re.IGNORECASE)
_TABLE = re.compile(r"(^|_)(table|table_name|table_id)$", re.IGNORECASE)
_BUCKET = re.compile(r"(^|_)bucket(_name)?$", re.IGNORECASE)
_KEY = re.compile(r"(^|_)(key|object|object_name|blob|blob_name|prefix)$", re.IGNORECASE)
_NAME = re.compile(r"[\w{} .-]*\w")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://\S+|/\S+|[^\s:]+/[^\s:]+\.\w+")


def places_named(arguments: Mapping[str, JsonValue]) -> Iterator[tuple[str, str, Direction]]:
    """(kind, text, direction) of each argument whose name says that it is a place; the kind is
    `place`, `table` or `object`.
    """
    texts = {name: each for name, each in arguments.items() if isinstance(each, str) and each}
    for name, text in texts.items():
        if _TABLE.search(name) and _NAME.fullmatch(text) and " " not in text:
            yield "table", text, _direction(name)
        elif _PLACE.search(name) and _ADDRESS.fullmatch(text):
            yield "place", text, _direction(name)
        elif _KEY.search(name):
            bucket = _beside(name, texts)
            if bucket is not None and "://" not in text:
                yield "object", f"{bucket}/{text}", _direction(name)


def _direction(name: str) -> Direction:
    return "write" if _WRITE.search(name) and not _READ.search(name) else "read"


def _beside(name: str, texts: Mapping[str, str]) -> str | None:
    """The bucket that belongs to a key: `source_bucket` to `source_key`."""
    buckets = {each: text for each, text in texts.items() if _BUCKET.search(each)}
    begins = re.split(r"key|object|blob|prefix", name, maxsplit=1)[0]
    same = [text for each, text in buckets.items() if begins and each.startswith(begins)]
    return next(iter(same or buckets.values()), None)
