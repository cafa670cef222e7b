"""Addresses of the web without what is asked there: pages, filters and keys name no other data."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from adapters.airflow.legacy.datasets import DatasetRef
from adapters.airflow.lineage.certainty import rated

_WEB = ("http://", "https://")
_NUMBER = re.compile(r"(?<![\w.%]|\d)\d+(?![\w%]|\.\d)")  # neither `v1`, `1.5` nor `%20`
_LEAST = 3
_QUESTION = re.compile(r"(https?://[^/]*/)([^?#]*?)(?:\?|%3F|#|%23)(.*)")
# The last word of a path that only says that something is fetched; what, the question tells.
_FETCHING = frozenset(("uc", "download", "export", "open", "get", "index.php", "download.php"))
_WHAT = re.compile(r"(?:^|&|%26)((?:id|file|filename|name|path)=(?:(?!&|%26|#|%23).)+)")


def without_question(uri: str) -> str:
    """The address without its question, but for what names a file where the path does not."""
    match = _QUESTION.fullmatch(uri)
    if match is None:
        return uri
    place, path, question = match.groups()
    named = _WHAT.search(question) if path.rpartition("/")[2] in _FETCHING else None
    return f"{place}{path}%3F{named[1]}" if named else f"{place}{path.rstrip('/')}"


def with_numbers_joined(datasets: Sequence[DatasetRef]) -> list[DatasetRef]:
    """One dataset of the addresses that differ only in numbers, `{number}` in their place: the
    pages that a loop asks for. Fewer than three may be of different things.
    """
    alike: dict[tuple[str, str], set[str]] = {}
    for ref in datasets:
        if ref.uri.startswith(_WEB):
            alike.setdefault((ref.direction, _NUMBER.sub("0", ref.uri)), set()).add(ref.uri)
    names = {uri: _joined(uris) for uris in alike.values() if len(uris) >= _LEAST for uri in uris}
    joined: dict[tuple[str, str], DatasetRef] = {}
    for ref in datasets:
        uri = names.get(ref.uri, ref.uri)
        sure = rated(uri, ref.confidence) if uri != ref.uri else ref.confidence
        joined.setdefault((ref.direction, uri), replace(ref, uri=uri, confidence=sure))
    return list(joined.values())


def _joined(uris: Collection[str]) -> str:
    """The address with a word for each number that is not the same in all of them."""
    rows = [_NUMBER.findall(uri) for uri in sorted(uris)]
    shown = iter(each[0] if len(set(each)) == 1 else "{number}" for each in zip(*rows, strict=True))
    return _NUMBER.sub(lambda _: next(shown), min(uris))
