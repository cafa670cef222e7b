"""Files that one step of a function writes for another to read."""

import re
from collections.abc import Sequence
from dataclasses import replace

from adapters.airflow.legacy.datasets import DatasetRef
from adapters.airflow.lineage.certainty import ROUGH

_SCRATCH = re.compile(r"file:///(tmp|var/tmp|dev/shm|\{cwd\}|\{[^}]*(tmp|temp)[^}]*\})/", re.I)


def without_scratch(datasets: Sequence[DatasetRef]) -> list[DatasetRef]:
    """All but local files of a scratch place that are read after they were written; of such a file
    elsewhere only what is read goes.
    """
    written: set[str] = set()
    passed_on: set[str] = set()
    read_first: set[str] = set()
    for ref in datasets:
        if not ref.uri.startswith("file:"):
            continue
        if ref.direction == "write":
            written.add(ref.uri)
        elif ref.uri in written:
            passed_on.add(ref.uri)
        else:
            read_first.add(ref.uri)
    passed_on -= read_first
    kept = (
        ref
        for ref in datasets
        if not _is_nameless(ref.uri) and (ref.uri not in passed_on or not _is_passing(ref))
    )
    return [_doubted(ref, datasets) for ref in kept]


def _is_nameless(uri: str) -> bool:
    """A file that `tempfile` names anew in each run, or its copy for Hive to load."""
    return "{scratch}" in uri and uri.startswith(("file:", "hdfs:"))


def _is_passing(ref: DatasetRef) -> bool:
    return ref.direction == "read" or _SCRATCH.match(ref.uri) is not None


def _doubted(ref: DatasetRef, datasets: Sequence[DatasetRef]) -> DatasetRef:
    """A copy that a call fetches to a scratch place is hardly what a task is for."""
    is_copy = ref.direction == "write" and _SCRATCH.match(ref.uri) is not None
    is_copy = is_copy and any(
        (one.file, one.line) == (ref.file, ref.line)
        and one.direction == "read"
        and not one.uri.startswith("file:")
        for one in datasets
    )
    return replace(ref, confidence=min(ref.confidence, ROUGH)) if is_copy else ref
