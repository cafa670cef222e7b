"""The mapping between windows of time: who overlaps whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.errors import PartitionError
from bridge.partitions.definition import PartitionsDefinition, TimeWindow
from bridge.partitions.mapping import FEW, PartitionMapping, UpstreamPartitions
from bridge.partitions.time import TimeWindowPartitionsDefinition

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class TimeWindowPartitionMapping(PartitionMapping):
    """A partition reads those of the upstream whose windows overlap its own.

    The offsets move start and end of the own window first, by windows of the downstream:
    `start_offset=-1` reads the window before as well. They never reach beyond what exists.
    What lies outside of the upstream's start and end is required but nonexistent, unless
    `allow_nonexistent_upstream_partitions`.
    """

    start_offset: int = 0
    end_offset: int = 0
    allow_nonexistent_upstream_partitions: bool = False

    def validate(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """Raise PartitionError unless both are time windows of zones that go together."""
        self._both(upstream, downstream)

    def upstream_partitions(
        self,
        keys: Sequence[str],
        downstream: PartitionsDefinition | None,
        upstream: PartitionsDefinition,
        now: datetime,
    ) -> UpstreamPartitions:
        """The upstream windows that overlap these, moved by the offsets."""
        theirs, ours = self._both(upstream, downstream)
        if _moves_as_one(self, theirs, ours):
            found = _numbered(ours, keys, self.start_offset, self.end_offset, now)
            return UpstreamPartitions(found, [])
        bounds = _existing_window(theirs, now)
        wanted: list[TimeWindow] = []
        for run in _runs(ours, keys, now):
            moved = _moved(run, ours, self.start_offset, self.end_offset, bounds)
            wanted += [] if moved is None else [_aligned(moved, theirs)]
        needed = [] if self.allow_nonexistent_upstream_partitions else _outside(wanted, bounds)
        return UpstreamPartitions(
            _keys_within(theirs, wanted, now),
            list(dict.fromkeys(key for window in needed for key in theirs.keys_of_windows(window))),
        )

    def downstream_partitions(
        self,
        keys: Sequence[str],
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition,
        now: datetime,
    ) -> list[str]:
        """The windows that overlap these once they are moved by the offsets."""
        theirs, ours = self._both(upstream, downstream)
        if _moves_as_one(self, theirs, ours):
            return _numbered(ours, keys, -self.end_offset, -self.start_offset, now)
        bounds = _existing_window(ours, now)
        wanted: list[TimeWindow] = []
        for run in _runs(theirs, keys, now):
            aligned = _aligned(run, ours)
            moved = _moved(aligned, ours, -self.end_offset, -self.start_offset, bounds)
            wanted += [] if moved is None else [moved]
        return _keys_within(ours, wanted, now)

    def reads_many(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> bool:
        """Whether the offsets make a window wider than one partition's own."""
        return self.start_offset != self.end_offset

    def _both(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> tuple[TimeWindowPartitionsDefinition, TimeWindowPartitionsDefinition]:
        for side, definition in (("upstream", upstream), ("downstream", downstream)):
            if not isinstance(definition, TimeWindowPartitionsDefinition):
                kind = "none" if definition is None else definition.kind
                raise PartitionError(
                    f"TimeWindowPartitionMapping goes between windows of time; the {side} "
                    f"partitions are {kind}."
                )
        assert isinstance(upstream, TimeWindowPartitionsDefinition)  # noqa: S101 - for mypy
        assert isinstance(downstream, TimeWindowPartitionsDefinition)  # noqa: S101 - for mypy
        self._require_zones(upstream.timezone, downstream.timezone)
        return upstream, downstream

    def _require_zones(self, upstream: str, downstream: str) -> None:
        if upstream != downstream:
            raise PartitionError(
                "TimeWindowPartitionMapping goes between windows of one time zone, not "
                f"{upstream} and {downstream}. Without it, windows that overlap meet."
            )


@dataclass(frozen=True, slots=True)
class OverlapOfZones(TimeWindowPartitionMapping):
    """What holds between windows of two time zones where nobody declared a mapping."""

    def _require_zones(self, upstream: str, downstream: str) -> None:
        """Any two go together: instants overlap or not, whatever clocks say."""


def _moves_as_one(
    mapping: TimeWindowPartitionMapping,
    upstream: TimeWindowPartitionsDefinition,
    downstream: TimeWindowPartitionsDefinition,
) -> bool:
    """Whether partitions meet by counting: the same windows on both sides."""
    is_same = upstream is downstream or upstream == downstream
    is_plain = not upstream.exclusions and mapping.start_offset <= mapping.end_offset
    return is_same and is_plain


def _numbered(
    of: TimeWindowPartitionsDefinition, keys: Sequence[str], first: int, last: int, now: datetime
) -> list[str]:
    """The partitions so many places before or after these, as far as they exist at `now`."""
    count = of.count(now)
    spans: list[tuple[int, int]] = []
    told = 0
    for number in _numbers(of, keys, count):
        begin, end = max(number + first, told), min(number + last + 1, count)
        if begin >= end:
            continue
        if spans and spans[-1][1] == begin:
            spans[-1] = spans[-1][0], end
        else:
            spans.append((begin, end))
        told = end
    if len(spans) <= FEW:
        return [key for span in spans for key in of.numbered(*span)]
    known = of.numbered(0, spans[-1][1])
    return [key for begin, end in spans for key in known[begin:end]]


def _numbers(of: TimeWindowPartitionsDefinition, keys: Sequence[str], count: int) -> list[int]:
    """The places, in order, of those of the keys that are among the first `count`."""
    if len(keys) > FEW:
        places = {key: place for place, key in enumerate(of.numbered(0, count))}
        return sorted({places[key] for key in keys if key in places})
    found = set()
    for key in keys:
        try:
            found.add(of.number(key))
        except PartitionError:  # noqa: PERF203 - a key that is none has no place
            continue
    return sorted(number for number in found if number < count)


def _runs(
    definition: TimeWindowPartitionsDefinition, keys: Sequence[str], now: datetime
) -> list[TimeWindow]:
    """The windows of the keys that exist at `now`, those that touch joined."""
    numbers = _numbers(definition, keys, definition.count(now))
    spans: list[tuple[int, int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number and not definition.exclusions:
            spans[-1] = spans[-1][0], number + 1
        else:
            spans.append((number, number + 1))
    runs: list[TimeWindow] = []
    for begin, end in spans:
        first, last = definition.numbered(begin, begin + 1)[0], definition.numbered(end - 1, end)[0]
        window = TimeWindow(definition.window(first).start, definition.window(last).end)
        if runs and runs[-1].end == window.start:
            runs[-1] = TimeWindow(runs[-1].start, window.end)
        else:
            runs.append(window)
    return runs


def _existing_window(
    definition: TimeWindowPartitionsDefinition, now: datetime
) -> TimeWindow | None:
    """From the first to the last partition that exists."""
    count = definition.count(now)
    if not count:
        return None
    first, last = definition.numbered(0, 1)[0], definition.numbered(count - 1, count)[0]
    return TimeWindow(definition.window(first).start, definition.window(last).end)


def _moved(
    window: TimeWindow,
    by: TimeWindowPartitionsDefinition,
    start_offset: int,
    end_offset: int,
    bounds: TimeWindow | None,
) -> TimeWindow | None:
    """The window with its ends moved, but no further than `bounds`; None where nothing is left."""
    start = _shifted(window.start, by, start_offset, bounds)
    end = _shifted(window.end, by, end_offset, bounds)
    return TimeWindow(start, end) if start < end else None


def _shifted(
    moment: datetime, by: TimeWindowPartitionsDefinition, offset: int, bounds: TimeWindow | None
) -> datetime:
    step: Callable[[datetime], datetime] = (
        (lambda at: by.previous_window(at).start)
        if offset < 0
        else (lambda at: by.next_window(at).end)
    )
    for _ in range(abs(offset)):
        moment = step(moment)
    if bounds is None or not offset:
        return moment
    return max(bounds.start, moment) if offset < 0 else min(bounds.end, moment)


def _aligned(window: TimeWindow, to: TimeWindowPartitionsDefinition) -> TimeWindow:
    """The windows of `to` that hold any of this one, whether or not they exist."""
    return TimeWindow(
        to.window_around(window.start).start, to.window_around(window.end - _INSTANT).end
    )


def _outside(windows: Sequence[TimeWindow], bounds: TimeWindow | None) -> list[TimeWindow]:
    """What of the windows lies before or after `bounds`."""
    if bounds is None:
        return list(windows)
    outside: list[TimeWindow] = []
    for window in windows:
        before = TimeWindow(window.start, min(window.end, bounds.start))
        after = TimeWindow(max(window.start, bounds.end), window.end)
        outside += [part for part in (before, after) if part.start < part.end]
    return outside


def _keys_within(
    definition: TimeWindowPartitionsDefinition, windows: Sequence[TimeWindow], now: datetime
) -> list[str]:
    """The partitions that exist at `now` and begin in one of the windows, each once."""
    count = definition.count(now)
    keys: list[str] = []
    told = 0
    for first, last in sorted(definition.numbers_within(window) for window in windows):
        keys += definition.numbered(max(first, told), min(last, count))
        told = max(told, min(last, count))
    return keys
