"""Cut: a graph at an instant, every asset as a set of partitions and how those sets go together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bridge.backfill_policy import BackfillPolicy
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.partitions import (
    IdentityPartitionMapping,
    PartitionMapping,
    PartitionsDefinition,
    PartitionsSubset,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    subset_of,
)

# An asset without partitions is one partition of this name, so that all are sets alike.
WHOLE = ""
_WHOLE_ASSET = StaticPartitionsDefinition((WHOLE,))

Subsets: TypeAlias = Mapping[AssetKey, PartitionsSubset]


@dataclass(frozen=True, slots=True)
class Needed:
    """What some partitions read of one upstream asset; `impossible` can never be there."""

    partitions: PartitionsSubset
    impossible: tuple[str, ...] = ()


class Cut:
    """Sets of partitions of the assets of a graph at `now`; a whole asset is a set of one.

    `policy` stands in for what the assets themselves say.
    """

    def __init__(
        self, graph: AssetGraph, now: datetime, policy: BackfillPolicy | None = None
    ) -> None:
        self.graph = graph
        self.now = now
        self._policy = policy
        self._all: dict[AssetKey, PartitionsSubset] = {}
        self._none: dict[AssetKey, PartitionsSubset] = {}
        self._alike: dict[tuple[AssetKey, AssetKey], bool] = {}

    def definition(self, key: AssetKey) -> PartitionsDefinition:
        """How an asset is cut; into one where it has no partitions."""
        return self.graph.nodes[key].spec.partitions_def or _WHOLE_ASSET

    def is_partitioned(self, key: AssetKey) -> bool:
        """Whether the asset has partitions."""
        return self.graph.nodes[key].spec.partitions_def is not None

    def policy(self, key: AssetKey) -> BackfillPolicy | None:
        """How many partitions one run of the asset takes, None where it does not say."""
        definition = self.graph.nodes[key].definition
        if self._policy is not None or definition is None:
            return self._policy
        return definition.backfill_policy

    def takes_one(self, key: AssetKey) -> bool:
        """Whether a run computes one partition of the asset, or the whole asset."""
        policy = self.policy(key)
        one = policy is None or policy.max_partitions_per_run == 1
        return one or not self.is_partitioned(key)

    def none(self, key: AssetKey) -> PartitionsSubset:
        """No partition of an asset."""
        if key not in self._none:
            self._none[key] = self.some(key, ())
        return self._none[key]

    def all(self, key: AssetKey) -> PartitionsSubset:
        """All partitions of an asset that exist."""
        if key not in self._all:
            self._all[key] = self.none(key).missing(self.now)
        return self._all[key]

    def some(self, key: AssetKey, names: Collection[str]) -> PartitionsSubset:
        """These partitions of an asset. Raises PartitionError for one that can never be."""
        return subset_of(self.definition(key), names, self.now)

    def names(self, subset: PartitionsSubset) -> list[str]:
        """The partitions of a set, in order."""
        return subset.keys(self.now)

    def parents(self, key: AssetKey) -> list[AssetKey]:
        """What an asset reads, in the order of names; itself too, where it reads its own past."""
        deps = self.graph.upstream(key)
        own = () if self.graph.self_mapping(key) is None else (key,)
        return sorted({*deps, *own}, key=lambda parent: parent.path)

    def children(self, key: AssetKey) -> list[AssetKey]:
        """What reads an asset; itself too, where it reads its own past."""
        own = () if self.graph.self_mapping(key) is None else (key,)
        return [*self.graph.downstream(key), *own]

    def goes_by_key(self, downstream: AssetKey, upstream: AssetKey) -> bool:
        """Whether each partition reads the one of the same key: both can be one run."""
        edge = (downstream, upstream)
        if edge not in self._alike:
            self._alike[edge] = self._is_alike(downstream, upstream)
        return self._alike[edge]

    def read_by(
        self, subset: PartitionsSubset, upstream: AssetKey, downstream: AssetKey
    ) -> PartitionsSubset:
        """The partitions of `downstream` that read any of these; a whole asset goes with all."""
        if not subset:
            return self.none(downstream)
        if self._is_whole(upstream, downstream):
            return self.all(downstream)
        if self.goes_by_key(downstream, upstream) and self._is_cut_alike(downstream, upstream):
            return subset
        names = self.names(subset)
        theirs, ours = self.definition(upstream), self.definition(downstream)
        mapping = self._mapping(downstream, upstream)
        return self.some(downstream, mapping.downstream_partitions(names, theirs, ours, self.now))

    def read_of(self, subset: PartitionsSubset, downstream: AssetKey, upstream: AssetKey) -> Needed:
        """What these partitions of `downstream` read of `upstream`."""
        if not subset:
            return Needed(self.none(upstream))
        if not self.is_partitioned(upstream):
            return Needed(self.all(upstream))
        if self.goes_by_key(downstream, upstream) and self._is_cut_alike(downstream, upstream):
            return Needed(subset & self.all(upstream))
        names = self.names(subset) if self.is_partitioned(downstream) else []
        found = self._mapping(downstream, upstream).upstream_partitions(
            names,
            self.graph.nodes[downstream].spec.partitions_def,
            self.definition(upstream),
            self.now,
        )
        return Needed(self.some(upstream, found.existing), tuple(found.required_but_nonexistent))

    def _is_whole(self, one: AssetKey, other: AssetKey) -> bool:
        return not (self.is_partitioned(one) and self.is_partitioned(other))

    def _is_cut_alike(self, one: AssetKey, other: AssetKey) -> bool:
        return one == other or self.definition(one) == self.definition(other)

    def _is_alike(self, downstream: AssetKey, upstream: AssetKey) -> bool:
        if not (self.is_partitioned(downstream) or self.is_partitioned(upstream)):
            return True
        if self._is_whole(downstream, upstream):
            return False
        mapping = self._mapping(downstream, upstream)
        if isinstance(mapping, TimeWindowPartitionMapping):
            return not (mapping.start_offset or mapping.end_offset)
        return isinstance(mapping, IdentityPartitionMapping)

    def _mapping(self, downstream: AssetKey, upstream: AssetKey) -> PartitionMapping:
        found = (
            self.graph.self_mapping(downstream)
            if downstream == upstream
            else self.graph.mapping(downstream, upstream)
        )
        assert found is not None  # noqa: S101 - asked only where both sides are partitioned
        return found
