"""Mappings where one side, or both, has several dimensions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import TypeAlias

from bridge.errors import PartitionError
from bridge.partitions.definition import PartitionsDefinition
from bridge.partitions.key_mappings import IdentityPartitionMapping
from bridge.partitions.mapping import PartitionMapping, UpstreamPartitions
from bridge.partitions.multi import BETWEEN, MultiPartitionsDefinition
from bridge.partitions.ordering import Place, place_of
from bridge.partitions.time import TimeWindowPartitionsDefinition
from bridge.partitions.window_mapping import TimeWindowPartitionMapping

# The name of the only dimension of partitions that have no dimensions.
_ALONE = ""
_Mapped: TypeAlias = Callable[[str], UpstreamPartitions]


@dataclass(frozen=True, slots=True)
class DimensionPartitionMapping:
    """The dimension of the downstream that one of the upstream goes with, and how."""

    dimension_name: str
    partition_mapping: PartitionMapping


@dataclass(frozen=True, slots=True)
class _Link:
    """Two dimensions that go together."""

    upstream: str
    downstream: str
    mapping: PartitionMapping

    def validate(
        self,
        theirs: Mapping[str, PartitionsDefinition],
        ours: Mapping[str, PartitionsDefinition],
    ) -> None:
        """Raise PartitionError where the mapping makes no sense between the two."""
        try:
            self.mapping.validate(theirs[self.upstream], ours[self.downstream])
        except PartitionError as error:
            named = dict.fromkeys(name for name in (self.upstream, self.downstream) if name)
            names = " and ".join(named)
            raise PartitionError(f"For the dimension {names}: {error}") from error


class _DimensionMapping(PartitionMapping):
    """What links between dimensions make of whole keys; a dimension without one goes with all."""

    __slots__ = ()

    def _links(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> list[_Link]:
        raise NotImplementedError

    def validate(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """Raise PartitionError where the dimensions do not go together."""
        theirs, ours = _dimensions(upstream), _dimensions(downstream)
        for link in self._links(upstream, downstream):
            link.validate(theirs, ours)

    def upstream_partitions(
        self,
        keys: Sequence[str],
        downstream: PartitionsDefinition | None,
        upstream: PartitionsDefinition,
        now: datetime,
    ) -> UpstreamPartitions:
        """The combinations of what each linked dimension reads, and of all in the others."""
        links = self._links(upstream, downstream)
        theirs, ours = _dimensions(upstream), _dimensions(downstream)
        mapped: dict[str, tuple[str, _Mapped]] = {
            link.upstream: (link.downstream, _reader(link, ours, theirs, now)) for link in links
        }
        return _combined(keys, downstream, upstream, mapped, now)

    def downstream_partitions(
        self,
        keys: Sequence[str],
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition,
        now: datetime,
    ) -> list[str]:
        """The combinations of what reads each linked dimension, and of all in the others."""
        links = self._links(upstream, downstream)
        theirs, ours = _dimensions(upstream), _dimensions(downstream)
        mapped: dict[str, tuple[str, _Mapped]] = {
            link.downstream: (link.upstream, _user(link, ours, theirs, now)) for link in links
        }
        return _combined(keys, upstream, downstream, mapped, now).existing

    def reads_many(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> bool:
        """Whether a dimension of the upstream goes with nothing, or itself reads several."""
        links = {link.upstream: link for link in self._links(upstream, downstream)}
        theirs, ours = _dimensions(upstream), _dimensions(downstream)
        return any(
            name not in links
            or links[name].mapping.reads_many(definition, ours[links[name].downstream])
            for name, definition in theirs.items()
        )


@dataclass(frozen=True, slots=True)
class MultiToSingleDimensionPartitionMapping(_DimensionMapping):
    """Between several dimensions and one: every key with the same part goes together.

    The dimension is the named one, else the only one with the same partitions, else the only one
    of time windows where the other side is of time windows too: then those that overlap.
    """

    partition_dimension_name: str | None = None

    def _links(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> list[_Link]:
        if isinstance(upstream, MultiPartitionsDefinition) and not isinstance(
            downstream, MultiPartitionsDefinition
        ):
            name, mapping = self._dimension(upstream, downstream)
            return [_Link(name, _ALONE, mapping)]
        if isinstance(downstream, MultiPartitionsDefinition):
            name, mapping = self._dimension(downstream, upstream)
            return [_Link(_ALONE, name, mapping)]
        raise PartitionError(
            "MultiToSingleDimensionPartitionMapping goes between partitions of several dimensions "
            "and of one; neither side has several."
        )

    def _dimension(
        self, multi: MultiPartitionsDefinition, single: PartitionsDefinition | None
    ) -> tuple[str, PartitionMapping]:
        wanted = self.partition_dimension_name
        if wanted is not None:
            multi.dimension(wanted)
        considered = [each for each in multi.dimensions if wanted in (None, each[0])]
        same = [name for name, definition in considered if definition == single]
        if len(same) == 1:
            return same[0], IdentityPartitionMapping()
        windows = [
            name
            for name, definition in considered
            if isinstance(definition, TimeWindowPartitionsDefinition)
        ]
        is_time = isinstance(single, TimeWindowPartitionsDefinition)
        if not same and is_time and len(windows) == 1:
            return windows[0], TimeWindowPartitionMapping()
        why = "several dimensions are" if same else "no dimension is"
        raise PartitionError(
            f"MultiToSingleDimensionPartitionMapping cannot tell what belongs together: {why} "
            "partitioned like the other side. Name one with partition_dimension_name="
            f"{', or '.join(repr(name) for name, _ in multi.dimensions)}."
        )


@dataclass(frozen=True, slots=True, init=False)
class MultiPartitionMapping(_DimensionMapping):
    """Between several dimensions on both sides, dimension by dimension.

    Given for each upstream dimension that matters; the others go with all.
    """

    by_upstream_dimension: tuple[tuple[str, DimensionPartitionMapping], ...]

    def __init__(
        self, downstream_mappings_by_upstream_dimension: Mapping[str, DimensionPartitionMapping]
    ) -> None:
        given = tuple(downstream_mappings_by_upstream_dimension.items())
        object.__setattr__(self, "by_upstream_dimension", given)

    def _links(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> list[_Link]:
        if not isinstance(upstream, MultiPartitionsDefinition) or not isinstance(
            downstream, MultiPartitionsDefinition
        ):
            raise PartitionError("MultiPartitionMapping needs several dimensions on both sides.")
        for name, of in self.by_upstream_dimension:
            upstream.dimension(name)
            downstream.dimension(of.dimension_name)
        return [
            _Link(name, of.dimension_name, of.partition_mapping)
            for name, of in self.by_upstream_dimension
        ]


def infers_dimension(
    upstream: PartitionsDefinition, downstream: PartitionsDefinition
) -> MultiToSingleDimensionPartitionMapping | None:
    """The mapping between several dimensions and one of them, None where nothing fits."""
    mapping = MultiToSingleDimensionPartitionMapping()
    is_multi = [isinstance(each, MultiPartitionsDefinition) for each in (upstream, downstream)]
    if sum(is_multi) != 1:
        return None
    try:
        mapping.validate(upstream, downstream)
    except PartitionError:
        return None
    return mapping


def _dimensions(definition: PartitionsDefinition | None) -> dict[str, PartitionsDefinition]:
    if isinstance(definition, MultiPartitionsDefinition):
        return dict(definition.dimensions)
    return {} if definition is None else {_ALONE: definition}


def _reader(
    link: _Link,
    ours: Mapping[str, PartitionsDefinition],
    theirs: Mapping[str, PartitionsDefinition],
    now: datetime,
) -> _Mapped:
    return lambda part: link.mapping.upstream_partitions(
        [part], ours[link.downstream], theirs[link.upstream], now
    )


def _user(
    link: _Link,
    ours: Mapping[str, PartitionsDefinition],
    theirs: Mapping[str, PartitionsDefinition],
    now: datetime,
) -> _Mapped:
    def users(part: str) -> UpstreamPartitions:
        found = link.mapping.downstream_partitions(
            [part], theirs[link.upstream], ours[link.downstream], now
        )
        return UpstreamPartitions(found, [])

    return users


def _combined(
    keys: Sequence[str],
    source: PartitionsDefinition | None,
    target: PartitionsDefinition,
    mapped: Mapping[str, tuple[str, _Mapped]],
    now: datetime,
) -> UpstreamPartitions:
    """Whole keys of the target: `mapped` says what a dimension of it takes from one of the source.

    A key with a part that does not exist is required but nonexistent.
    """
    dimensions = _dimensions(target)
    everything = {
        name: UpstreamPartitions(definition.keys(now), [])
        for name, definition in dimensions.items()
        if name not in mapped
    }
    known: dict[tuple[str, str], UpstreamPartitions] = {}
    found: set[tuple[str, ...]] = set()
    absent: dict[str, None] = {}
    for key in keys:
        parts = (
            source.split(key) if isinstance(source, MultiPartitionsDefinition) else {_ALONE: key}
        )
        options: list[UpstreamPartitions] = []
        for name in dimensions:
            if name in everything:
                options.append(everything[name])
                continue
            source_name, of = mapped[name]
            place = (name, parts[source_name])
            if place not in known:
                known[place] = of(parts[source_name])
            options.append(known[place])
        there = set(product(*(option.existing for option in options)))
        found |= there
        if any(option.required_but_nonexistent for option in options):
            wanted = product(
                *(option.existing + option.required_but_nonexistent for option in options)
            )
            absent.update(dict.fromkeys(BETWEEN.join(each) for each in wanted if each not in there))
    return UpstreamPartitions(
        [BETWEEN.join(parts) for parts in _sorted(found, dimensions.values(), now)], list(absent)
    )


def _sorted(
    found: set[tuple[str, ...]], dimensions: Iterable[PartitionsDefinition], now: datetime
) -> list[tuple[str, ...]]:
    """In partition order; each part is placed once, however many combinations hold it."""
    if len(found) < 2:  # noqa: PLR2004 - one is in order
        return list(found)
    places: list[dict[str, Place]] = []
    for number, definition in enumerate(dimensions):
        of = place_of(definition, now)
        places.append({part: of(part) for part in {parts[number] for parts in found}})
    return sorted(
        found, key=lambda parts: tuple(of[part] for of, part in zip(places, parts, strict=True))
    )
