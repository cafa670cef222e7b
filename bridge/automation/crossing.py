"""From the partitions of an asset to those it reads upstream and back, as sets of bits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from bridge.automation.sets import Partitions, Windows
from bridge.partitions import (
    AllPartitionMapping,
    IdentityPartitionMapping,
    PartitionMapping,
    TimeWindow,
    TimeWindowPartitionMapping,
)


class Crossing:
    """A user and what it reads; `mapping` is None where one of them has no partitions to map."""

    def __init__(
        self, ours: Partitions, theirs: Partitions, mapping: PartitionMapping | None
    ) -> None:
        self.ours, self.theirs, self.mapping = ours, theirs, mapping

    @cached_property
    def is_same(self) -> bool:
        """Whether each partition goes with the one of its own key."""
        return self.ours.definition == self.theirs.definition and is_plain(self.mapping)

    @cached_property
    def _all_up(self) -> int:
        """What a user without partitions reads, and what everybody does by some mappings."""
        return self._mapped_up([])

    @cached_property
    def _takes_all(self) -> bool:
        return isinstance(self.mapping, AllPartitionMapping)

    @cached_property
    def _overlapping(self) -> tuple[Windows, Windows] | None:
        """Both sides where windows that overlap go together, and none is left out between."""
        if isinstance(self.mapping, TimeWindowPartitionMapping) and is_plain(self.mapping):
            ours, theirs = self.ours, self.theirs
            if isinstance(ours, Windows) and isinstance(theirs, Windows):
                is_gapless = not ours.definition.exclusions and not theirs.definition.exclusions
                return (ours, theirs) if is_gapless else None
        return None

    def up(self, bits: int) -> int:
        """The upstream partitions that exist and are read by some of these."""
        if not bits or self.theirs.definition is None:
            return self.theirs.full if bits else 0
        if self.ours.definition is None or self._takes_all:
            return self._all_up
        if self.is_same:
            return bits & self.theirs.full
        if self._overlapping is not None:
            return _overlap(*self._overlapping, bits)
        return self._mapped_up([key for key in self.ours.keys(bits) if key is not None])

    def down(self, bits: int) -> int:
        """The user's partitions that exist and read some of these."""
        ours, theirs = self.ours.definition, self.theirs.definition
        if not bits or ours is None or theirs is None or self._takes_all:
            return self.ours.full if bits else 0
        if self.is_same:
            return bits & self.ours.full
        if self._overlapping is not None:
            mine, others = self._overlapping
            return _overlap(others, mine, bits)
        if self.mapping is None:
            return self.ours.full
        keys = [key for key in self.theirs.keys(bits) if key is not None]
        return self.ours.bits(self.mapping.downstream_partitions(keys, theirs, ours, self.ours.now))

    def lacking(self, bits: int) -> int:
        """Those of these that read upstream partitions which do not exist, or not yet."""
        theirs = self.theirs.definition
        if theirs is None or self.mapping is None or not bits:
            return 0
        if self.is_same:
            return bits & ~self.theirs.full
        lacking = [key for key in self.ours.keys(bits) if self._is_lacking(key)]
        if self.ours.definition is None:
            return len(lacking)
        return self.ours.bits([key for key in lacking if key is not None])

    def _is_lacking(self, key: str | None) -> bool:
        theirs = self.theirs.definition
        if theirs is None or self.mapping is None:
            return False
        keys = [] if key is None else [key]
        needed = self.mapping.upstream_partitions(keys, self.ours.definition, theirs, self.ours.now)
        return bool(needed.required_but_nonexistent)

    def _mapped_up(self, keys: list[str]) -> int:
        theirs = self.theirs.definition
        if theirs is None or self.mapping is None or self._takes_all:
            return self.theirs.full
        found = self.mapping.upstream_partitions(keys, self.ours.definition, theirs, self.ours.now)
        return self.theirs.bits(found.existing)


def is_plain(mapping: PartitionMapping | None) -> bool:
    """Whether partitions of one definition go with themselves by this mapping."""
    if isinstance(mapping, TimeWindowPartitionMapping):
        return not mapping.start_offset and not mapping.end_offset
    return mapping is None or isinstance(mapping, IdentityPartitionMapping)


def _overlap(of: Windows, others: Windows, bits: int) -> int:
    """The windows of the other side that share an instant with some of these."""
    found = 0
    for first, last in _runs(bits):
        names = of.definition.numbered(first, first + 1), of.definition.numbered(last - 1, last)
        start = of.definition.window(names[0][0]).start
        end = of.definition.window(names[1][0]).end
        around = others.definition.window_around(start)
        begin = around.start if around.end > start else start
        low, high = others.definition.numbers_within(TimeWindow(begin, end))
        found |= (1 << high) - (1 << low)
    return found & others.full


def _runs(bits: int) -> Iterator[tuple[int, int]]:
    """Neighbours among the bits: the place of the first, and that past the last."""
    place = 0
    while bits:
        gap = (bits & -bits).bit_length() - 1
        bits >>= gap
        place += gap
        length = (~bits & (bits + 1)).bit_length() - 1
        yield place, place + length
        bits >>= length
        place += length
