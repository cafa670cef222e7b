"""Files that one step of a function writes for another to read."""

import re
from collections.abc import Sequence

from adapters.airflow.legacy.datasets import DatasetRef

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
    return [
        ref
        for ref in datasets
        if ref.uri not in passed_on or (ref.direction == "write" and not _SCRATCH.match(ref.uri))
    ]
