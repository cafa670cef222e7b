"""Staleness: whether each asset still is what its code and its upstream would make of it. Pure.

Direct causes compare what was recorded with the last materialization with what is now; who only
depends on something out of sync inherits it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Literal, TypeAlias

from bridge.errors import PartitionError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.nodes import AssetNode
from bridge.store import DataState

SyncStatus: TypeAlias = Literal["missing", "in_sync", "out_of_sync"]
CauseKind: TypeAlias = Literal[
    "code_changed",
    "dependency_added",
    "dependency_removed",
    "dependency_new_version",
    "dependency_new_materialization",
    "dependency_new_input",
]
_NAMED_APART = 100  # more new partitions of one upstream than these are one cause
NO_VERSION = ""  # recorded for an input of which nothing is known


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an asset is out of sync; `dependency` is None where its own code changed."""

    kind: CauseKind
    dependency: AssetKey | None = None
    partition: str | None = None


@dataclass(frozen=True, slots=True)
class Staleness:
    """One asset, or one partition of it. `causes` are direct, by kind and dependency.

    `inherited_from` are those of its direct upstream that are out of sync or inherit it themselves;
    its own data may still be right.
    """

    status: SyncStatus
    causes: tuple[Cause, ...] = ()
    inherited_from: tuple[AssetKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFacts:
    """The newest data of assets, and of the partitions of those in `partitions`, as stored.

    A partitioned upstream that is not in `partitions` has nothing new for whoever read all of it.
    """

    assets: Mapping[AssetKey, DataState]
    partitions: Mapping[AssetKey, Mapping[str, DataState]] = field(default_factory=dict)


_MISSING, _IN_SYNC = Staleness("missing"), Staleness("in_sync")
_NOTHING = DataState()


def staleness(graph: AssetGraph, facts: DataFacts, now: datetime) -> dict[AssetKey, Staleness]:
    """Every asset at `now`, upstream first.

    What something outside writes is in sync; so is a partitioned asset as a whole, whose partitions
    `partition_staleness` answers for.
    """
    found: dict[AssetKey, Staleness] = {}
    reading = _Reading(graph, facts, now)
    uneasy: set[AssetKey] = set()
    for key in graph.order:
        node = graph.nodes[key]
        answer = _IN_SYNC
        if node.definition is not None and node.spec.partitions_def is None:
            own = facts.assets.get(key, _NOTHING)
            answer = _answer(own, reading.causes(node, None, own))
        inherited = [dep for dep in node.spec.deps if dep in uneasy] if uneasy else ()
        if inherited:
            answer = Staleness(answer.status, answer.causes, tuple(inherited))
        if inherited or answer.causes:
            uneasy.add(key)
        found[key] = answer
    return found


def partition_staleness(
    graph: AssetGraph, key: AssetKey, partitions: Iterable[str], facts: DataFacts, now: datetime
) -> dict[str, Staleness]:
    """Partitions of one asset of ours; `facts` has its own, and those of its partitioned upstream.

    Direct causes only.
    """
    node = graph.nodes[key]
    own = facts.partitions.get(key, {})
    reading = _Reading(graph, facts, now)
    return {
        partition: _answer(state, reading.causes(node, partition, state))
        for partition in partitions
        for state in (own.get(partition, _NOTHING),)
    }


def root_causes(found: Mapping[AssetKey, Staleness], key: AssetKey) -> list[AssetKey]:
    """Where staleness that an asset has or inherits comes from: what has causes of its own."""
    roots, seen, todo = [], {key}, [key]
    while todo:
        current = found[todo.pop()]
        for upstream in current.inherited_from:
            if upstream not in seen:
                seen.add(upstream)
                todo.append(upstream)
                if found[upstream].causes:
                    roots.append(upstream)
    return [key, *roots] if found[key].causes else roots


def partitioned_inputs(graph: AssetGraph, assets: Mapping[AssetKey, DataState]) -> list[AssetKey]:
    """Partitioned upstream, read as a whole, in which something was materialized since.

    Only for these must partitions be read. A fact that is learned late, of a time before its
    reader began, does not count.
    """
    wanted: dict[AssetKey, None] = {}
    for key, own in assets.items():
        node = graph.nodes.get(key)
        if node is None or node.spec.partitions_def is not None or own.input_versions is None:
            continue
        for dep in node.spec.deps:
            if graph.nodes[dep].spec.partitions_def is not None:
                newest = assets.get(dep, _NOTHING).materialized_at
                if newest is not None and own.materialized_at and newest >= _begun(own):
                    wanted[dep] = None
    return list(wanted)


def partitions_read(
    graph: AssetGraph, of: AssetKey, partition: str | None, upstream: AssetKey, now: datetime
) -> list[str] | None:
    """The partitions of an upstream asset that one of its user needs; None for a whole asset."""
    if graph.nodes[upstream].spec.partitions_def is None:
        return None
    try:
        found = graph.partitions_read(of, partition, upstream, now)
    except PartitionError:  # needs one that cannot exist: it has no version
        return []
    return [name for name in found if name is not None]


def asset_version(node: AssetNode, state: DataState) -> str:
    """The version of an asset's data now: what we made, or what was last seen of others' data."""
    if node.definition is None and state.observed_version is not None:
        seen, made = state.observed_version_at, state.materialized_at
        if made is None or (seen is not None and seen >= made):
            return state.observed_version
    return state.version or NO_VERSION


def partitions_version(names: Iterable[str], states: Mapping[str, DataState]) -> str:
    """One version for several partitions: that of the only one, else a digest of all there are."""
    wanted = list(names)
    if len(wanted) == 1:
        only = states.get(wanted[0])
        return (only.version if only is not None else None) or NO_VERSION
    known = [(name, states[name].version) for name in wanted if name in states]
    present = [(name, version) for name, version in known if version is not None]
    if not present:
        return NO_VERSION
    digest = sha256()
    for name, version in sorted(present):
        digest.update(f"{name}\0{version}\0".encode())
    return digest.hexdigest()


def default_data_version(
    code_version: str | None, inputs: Mapping[AssetKey, str | None]
) -> str | None:
    """The version of data that code of a version makes of inputs, so that the same is the same.

    None where any is unknown; then every materialization counts as new. As in Dagster 1.13: sha256
    of the code version and the inputs' versions, by the keys as Python shows them.
    """
    versions = [inputs[key] for key in sorted(inputs, key=repr)]
    if code_version is None or None in versions:
        return None
    return sha256("".join([code_version, *map(str, versions)]).encode()).hexdigest()


def in_words(cause: Cause) -> str:
    """A cause as the rest of a sentence that begins with "stale because"."""
    of = "" if cause.partition is None else f" {cause.partition}"
    name = f"{cause.dependency}{of}"
    return {
        "code_changed": "its code has a new version",
        "dependency_added": f"it now depends on {name}",
        "dependency_removed": f"it no longer depends on {name}",
        "dependency_new_version": f"{name} has a new version",
        "dependency_new_materialization": f"{name} was materialized since",
        "dependency_new_input": f"{name} was never materialized",
    }[cause.kind]


class _Reading:
    """What is now, against what was recorded."""

    def __init__(self, graph: AssetGraph, facts: DataFacts, now: datetime) -> None:
        self.graph, self.facts, self.now = graph, facts, now
        self._current: dict[AssetKey, tuple[str, str | None]] = {}  # asked once for all users
        self._read: dict[
            tuple[AssetKey, AssetKey], tuple[list[str], str]
        ] = {}  # for all partitions

    def causes(self, node: AssetNode, partition: str | None, own: DataState) -> list[Cause]:
        if own.materialized_at is None:
            return []
        if own.input_versions is None:
            return [c for dep in node.spec.reads for c in self._by_time(node, partition, dep, own)]
        recorded, deps = own.input_versions, node.spec.reads
        found: list[Cause] = []
        if node.spec.code_version is not None and node.spec.code_version != own.code_version:
            found.append(Cause("code_changed"))
        known = 0
        for dep in deps:
            name, version = self._current.get(dep) or self._version_of(dep)
            before = recorded.get(name)
            if before is None:
                found.append(Cause("dependency_added", dep))
                continue
            known += 1
            if version is None:
                found.extend(self._in_partitions(node, partition, dep, own, before))
            elif version != before:
                found.append(self._new(dep, self.facts.assets.get(dep, _NOTHING)))
        if known < len(recorded):
            names = {str(dep) for dep in deps}
            found.extend(
                Cause("dependency_removed", AssetKey.parse(name))
                for name in recorded
                if name not in names
            )
        return found

    def _version_of(self, key: AssetKey) -> tuple[str, str | None]:
        """An asset's name in records and its version now, None where it has partitions."""
        node, state = self.graph.nodes[key], self.facts.assets.get(key, _NOTHING)
        version = None if node.spec.partitions_def is not None else asset_version(node, state)
        self._current[key] = str(key), version
        return self._current[key]

    def _in_partitions(
        self, node: AssetNode, partition: str | None, dep: AssetKey, own: DataState, before: str
    ) -> Iterator[Cause]:
        states = self.facts.partitions.get(dep)
        if states is None:
            return
        names, version = self._partitions_of(node, partition, dep, states)
        if version == before:
            return
        begun = _begun(own)
        newer = list(
            islice(
                (n for n in names if n in states and _is_newer(states[n], begun)), _NAMED_APART + 1
            )
        )
        if len(newer) > _NAMED_APART:
            yield self._new(dep, self.facts.assets.get(dep, _NOTHING))
            return
        changed: list[str | None] = [*newer] or [names[0] if len(names) == 1 else None]
        for name in changed:
            yield self._new(dep, states.get(name or "", _NOTHING), name)

    def _partitions_of(
        self,
        node: AssetNode,
        partition: str | None,
        dep: AssetKey,
        states: Mapping[str, DataState],
    ) -> tuple[list[str], str]:
        """The partitions that one reads of a dependency, and the version of all of them now."""
        known = self._read.get((node.key, dep))
        if known is None:
            names = partitions_read(self.graph, node.key, partition, dep, self.now) or []
            known = names, partitions_version(names, states)
            if self.graph.reads_the_same(node.key, dep):
                self._read[node.key, dep] = known
        return known

    def _by_time(
        self, node: AssetNode, partition: str | None, dep: AssetKey, own: DataState
    ) -> Iterator[Cause]:
        """Where nothing was recorded of what was read: what was materialized after it."""
        if self.graph.nodes[dep].definition is None or own.materialized_at is None:
            return
        names = partitions_read(self.graph, node.key, partition, dep, self.now)
        states: Mapping[str | None, DataState]
        if names is None:
            states = {None: self.facts.assets.get(dep, _NOTHING)}
        elif dep in self.facts.partitions:
            known = self.facts.partitions[dep]
            states = {name: known.get(name, _NOTHING) for name in names}
        else:
            return
        for name, state in states.items():
            if state.materialized_at is None:
                yield Cause("dependency_new_input", dep, name)
            elif state.materialized_at > own.materialized_at:
                yield Cause("dependency_new_materialization", dep, name)

    def _new(self, dep: AssetKey, state: DataState, partition: str | None = None) -> Cause:
        """New data of a dependency: by version where that is what its users go by."""
        node = self.graph.nodes[dep]
        outside = node.definition is None and state.observed_version is not None
        if outside or node.spec.code_version is not None or _is_given(state):
            return Cause("dependency_new_version", dep, partition)
        return Cause("dependency_new_materialization", dep, partition)


def _answer(own: DataState, causes: list[Cause]) -> Staleness:
    if own.materialized_at is None:
        return _MISSING
    if not causes:
        return _IN_SYNC
    causes.sort(key=lambda c: (c.kind, str(c.dependency or ""), c.partition or ""))
    return Staleness("out_of_sync", tuple(causes))


def _begun(own: DataState) -> datetime:
    """When what made the data began to read its inputs."""
    if own.materialized_at is None:
        raise ValueError("nothing was materialized")
    return own.materialized_at - timedelta(seconds=own.duration_s or 0.0)


def _is_newer(state: DataState, moment: datetime) -> bool:
    return state.materialized_at is not None and state.materialized_at >= moment


def _is_given(state: DataState) -> bool:
    """Whether a function gave its data a version, rather than that one was worked out."""
    if state.data_version is None or state.input_versions is None:
        return False
    inputs = {AssetKey.parse(name): version for name, version in state.input_versions.items()}
    return default_data_version(state.code_version, inputs) != state.data_version
