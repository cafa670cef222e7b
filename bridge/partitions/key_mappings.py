"""Mappings that go by the keys themselves: the same, all, the last, stated ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bridge.errors import PartitionError
from bridge.partitions.definition import PartitionsDefinition
from bridge.partitions.keyed import StaticPartitionsDefinition
from bridge.partitions.mapping import PartitionMapping, UpstreamPartitions, existing
from bridge.partitions.multi import MultiPartitionsDefinition
from bridge.partitions.ordering import in_order
from bridge.partitions.time import TimeWindowPartitionsDefinition


@dataclass(frozen=True, slots=True)
class IdentityPartitionMapping(PartitionMapping):
    """A partition reads the one of the same key."""

    def validate(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """Raise PartitionError unless both are partitions of the same kind."""
        theirs, ours = _kind(upstream), _kind(downstream)
        if type(upstream) is not type(downstream) or (
            isinstance(upstream, MultiPartitionsDefinition) and theirs != ours
        ):
            raise PartitionError(
                f"Upstream partitions are {theirs} and downstream {ours}: no two have the "
                "same key. Give both the same partitions, or the dependency a partition_mapping."
            )

    def upstream_partitions(
        self,
        keys: Sequence[str],
        downstream: PartitionsDefinition | None,
        upstream: PartitionsDefinition,
        now: datetime,
    ) -> UpstreamPartitions:
        """The partitions of the same keys."""
        wanted = set(keys)
        if isinstance(downstream, TimeWindowPartitionsDefinition):
            wanted = set(existing(downstream, keys, now))
        found = in_order(upstream, wanted, now)
        absent = wanted.difference(found)
        return UpstreamPartitions(found, [key for key in dict.fromkeys(keys) if key in absent])

    def downstream_partitions(
        self,
        keys: Sequence[str],
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition,
        now: datetime,
    ) -> list[str]:
        """The partitions of the same keys."""
        return in_order(downstream, set(keys), now)


def _kind(definition: PartitionsDefinition | None) -> str:
    if isinstance(definition, MultiPartitionsDefinition):
        return f"of {len(definition.dimensions)} dimensions"
    return "unpartitioned" if definition is None else definition.kind


@dataclass(frozen=True, slots=True)
class AllPartitionMapping(PartitionMapping):
    """Every partition reads all partitions of the upstream."""

    is_same_for_all: ClassVar[bool] = True

    def validate(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """Any two go together."""

    def upstream_partitions(
        self,
        keys: Sequence[str],
        downstream: PartitionsDefinition | None,
        upstream: PartitionsDefinition,
        now: datetime,
    ) -> UpstreamPartitions:
        """All that exist."""
        return UpstreamPartitions(upstream.keys(now), [])

    def downstream_partitions(
        self,
        keys: Sequence[str],
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition,
        now: datetime,
    ) -> list[str]:
        """All that exist, if one of the keys does."""
        return downstream.keys(now) if existing(upstream, keys, now) else []

    def reads_many(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> bool:
        """Always."""
        return True


@dataclass(frozen=True, slots=True)
class LastPartitionMapping(PartitionMapping):
    """Every partition reads the last one of the upstream."""

    is_same_for_all: ClassVar[bool] = True

    def validate(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """Any two go together."""

    def upstream_partitions(
        self,
        keys: Sequence[str],
        downstream: PartitionsDefinition | None,
        upstream: PartitionsDefinition,
        now: datetime,
    ) -> UpstreamPartitions:
        """The last that exists."""
        last = upstream.latest(now)
        return UpstreamPartitions([] if last is None else [last], [])

    def downstream_partitions(
        self,
        keys: Sequence[str],
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition,
        now: datetime,
    ) -> list[str]:
        """All that exist, if the last of the upstream is among the keys."""
        return downstream.keys(now) if upstream.latest(now) in keys else []


@dataclass(frozen=True, slots=True, init=False)
class SpecificPartitionsPartitionMapping(PartitionMapping):
    """Every partition reads these of the upstream."""

    is_same_for_all: ClassVar[bool] = True

    partition_keys: tuple[str, ...]

    def __init__(self, partition_keys: Sequence[str]) -> None:
        object.__setattr__(self, "partition_keys", tuple(partition_keys))

    def validate(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """Any two go together."""

    def upstream_partitions(
        self,
        keys: Sequence[str],
        downstream: PartitionsDefinition | None,
        upstream: PartitionsDefinition,
        now: datetime,
    ) -> UpstreamPartitions:
        """The stated ones."""
        found = in_order(upstream, set(self.partition_keys), now)
        absent = [key for key in self.partition_keys if key not in found]
        return UpstreamPartitions(found, absent)

    def downstream_partitions(
        self,
        keys: Sequence[str],
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition,
        now: datetime,
    ) -> list[str]:
        """All that exist, if a stated one is among the keys."""
        return downstream.keys(now) if set(self.partition_keys) & set(keys) else []

    def reads_many(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> bool:
        """Whether more than one is stated."""
        return len(self.partition_keys) > 1


@dataclass(frozen=True, slots=True, init=False)
class StaticPartitionMapping(PartitionMapping):
    """Stated key by key: for each upstream partition, the one or those that read it."""

    pairs: tuple[tuple[str, str], ...]

    def __init__(
        self,
        downstream_partition_keys_by_upstream_partition_key: Mapping[str, str | Collection[str]],
    ) -> None:
        pairs = tuple(
            (upstream, downstream)
            for upstream, users in downstream_partition_keys_by_upstream_partition_key.items()
            for downstream in ([users] if isinstance(users, str) else users)
        )
        object.__setattr__(self, "pairs", pairs)

    def validate(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """Raise PartitionError unless both are static and hold every key that is stated."""
        self._require(upstream, {theirs for theirs, _ in self.pairs}, "upstream")
        self._require(downstream, {ours for _, ours in self.pairs}, "downstream")

    def upstream_partitions(
        self,
        keys: Sequence[str],
        downstream: PartitionsDefinition | None,
        upstream: PartitionsDefinition,
        now: datetime,
    ) -> UpstreamPartitions:
        """The partitions whose users are among the keys."""
        self._require(upstream, {theirs for theirs, _ in self.pairs}, "upstream")
        wanted = set(keys)
        found = {theirs for theirs, ours in self.pairs if ours in wanted}
        return UpstreamPartitions(in_order(upstream, found, now), [])

    def downstream_partitions(
        self,
        keys: Sequence[str],
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition,
        now: datetime,
    ) -> list[str]:
        """The users of the keys."""
        self._require(downstream, {ours for _, ours in self.pairs}, "downstream")
        wanted = set(keys)
        return in_order(downstream, {ours for theirs, ours in self.pairs if theirs in wanted}, now)

    def reads_many(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> bool:
        """Whether any partition is stated to read more than one."""
        return len({ours for _, ours in self.pairs}) < len(self.pairs)

    def _require(
        self, definition: PartitionsDefinition | None, stated: set[str], side: str
    ) -> None:
        if not isinstance(definition, StaticPartitionsDefinition):
            raise PartitionError(
                f"StaticPartitionMapping goes between two static sets; the {side} one is "
                f"{'none' if definition is None else definition.kind}."
            )
        unknown = sorted(stated.difference(definition.partition_keys))
        if unknown:
            raise PartitionError(
                f"The mapping names {', '.join(map(repr, unknown))}, which the {side} partitions "
                f"do not hold. They are: {', '.join(definition.partition_keys)}."
            )
