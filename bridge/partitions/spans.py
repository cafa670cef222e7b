"""Several partitions at once: the range that two keys span, its window, and runs without gaps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from bridge.partitions.definition import PartitionsDefinition, TimeWindow
from bridge.partitions.multi import BETWEEN, MultiPartitionsDefinition, window_of
from bridge.partitions.subset import subset_of


@dataclass(frozen=True, slots=True)
class PartitionKeyRange:
    """All partitions from `start` to `end`, both included."""

    start: str
    end: str


def span_of(definition: PartitionsDefinition, keys: Sequence[str]) -> TimeWindow | None:
    """The window from the begin of the first to the end of the last of these partitions.

    None where they are no windows of time. Raises PartitionError where one does not exist.
    """
    several = isinstance(definition, MultiPartitionsDefinition) or len(keys) == 1
    edges = keys if several else (keys[0], keys[-1])
    found = [window_of(definition, key) for key in edges]
    windows = [window for window in found if window is not None]
    if not windows or len(windows) < len(found):
        return None
    return TimeWindow(min(w.start for w in windows), max(w.end for w in windows))


def consecutive(
    definition: PartitionsDefinition, keys: Collection[str], now: datetime
) -> list[list[str]]:
    """These partitions in their order, cut wherever one between two of them is missing.

    Each run is what `range` gives for its ends; of several dimensions, those that differ in the
    last one only. Raises PartitionError where one does not exist at `now`.
    """
    if isinstance(definition, MultiPartitionsDefinition):
        lines: dict[str, list[str]] = {}
        for key in subset_of(definition, keys, now).keys(now):
            line, _, part = key.rpartition(BETWEEN)
            lines.setdefault(line, []).append(part)
        _, last = definition.dimensions[-1]
        return [
            [f"{line}{BETWEEN}{part}" for part in run]
            for line, parts in lines.items()
            for run in consecutive(last, parts, now)
        ]
    runs = subset_of(definition, keys, now).ranges(now)
    return [definition.range(first, last) for first, last in runs]


def in_chunks(
    definition: PartitionsDefinition, runs: Iterable[Sequence[str]], most: int | None
) -> Iterator[Sequence[str]]:
    """Runs without gaps, cut where one is longer than `most`; None cuts none.

    A run of combinations is cut into lines first, so that each chunk is what `range` gives.
    """
    for run in runs:
        if most is None or len(run) <= most:
            yield run
            continue
        lines = [run]
        if isinstance(definition, MultiPartitionsDefinition):
            lines = [list(same) for _, same in groupby(run, lambda key: key.rpartition(BETWEEN)[0])]
        for line in lines:
            for start in range(0, len(line), most):
                yield line[start : start + most]
