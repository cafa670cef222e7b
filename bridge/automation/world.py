"""What one evaluation of conditions looks at: assets and checks, and what is known of each now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property

from bridge.automation.crossing import Crossing, is_plain
from bridge.automation.cursor import AutomationCursor, Entity, entity_name
from bridge.automation.facts import Facts
from bridge.automation.sets import Partitions, Some, partitions_at
from bridge.calendar import ticks
from bridge.checks import AssetCheckKey, AssetCheckSpec
from bridge.conditions import AnyDownstream, AutomationCondition, Chosen, DepsMatch, Fact
from bridge.errors import DefinitionError
from bridge.freshness import FreshnessState
from bridge.graph import AssetGraph
from bridge.keys import AssetKey, coerce_keys
from bridge.partitions import PartitionMapping, PartitionsDefinition


class Seen:
    """One asset or check; `known` keeps the sets of what was looked up."""

    __slots__ = ("entity", "full", "known", "name", "partitions")

    def __init__(self, entity: Entity, partitions: Partitions) -> None:
        self.entity = entity
        self.name = entity_name(entity)
        self.partitions = partitions
        self.full = partitions.full
        self.known: dict[str, int] = {}

    def __str__(self) -> str:
        if isinstance(self.entity, AssetCheckKey):
            return f"{self.entity.asset_key}:{self.entity.name}"
        return str(self.entity)


class World:
    """Everything seen at `now`, each looked up once; `requested` grows as the evaluation goes."""

    def __init__(
        self, graph: AssetGraph, facts: Facts, cursor: AutomationCursor, now: datetime
    ) -> None:
        self.graph, self.facts, self.cursor, self.now = graph, facts, cursor, now
        self.requested: dict[Entity, int] = {}
        self.checks: dict[AssetCheckKey, AssetCheckSpec] = {
            spec.key: spec for node in graph for spec in node.check_specs
        }
        self._cuts: dict[int, Partitions] = {}
        self._seen: dict[Entity, Seen] = {}
        self._crossings: dict[tuple[Entity, Entity], Crossing] = {}
        self._chosen: dict[Chosen, frozenset[AssetKey]] = {}
        self._last_ticks: dict[tuple[str, str], datetime] = {}

    def seen(self, entity: Entity) -> Seen:
        """An asset of the graph, or a check, which has no partitions of its own."""
        found = self._seen.get(entity)
        if found is None:
            definition = None
            if not isinstance(entity, AssetCheckKey):
                definition = self.graph.nodes[entity].spec.partitions_def
            found = self._seen[entity] = Seen(entity, self._partitions(definition))
        return found

    def _partitions(self, definition: PartitionsDefinition | None) -> Partitions:
        """What exists, found out once for all that are cut by one definition."""
        found = self._cuts.get(id(definition))
        if found is None:
            found = self._cuts[id(definition)] = partitions_at(definition, self.now)
        return found

    def upstream(self, entity: Entity) -> tuple[AssetKey, ...]:
        """What an asset reads, itself included where it reads its own past; what a check is about.

        And what else a check reads.
        """
        if isinstance(entity, AssetCheckKey):
            others = coerce_keys(self.checks[entity].additional_deps)
            return (entity.asset_key, *(key for key in others if key in self.graph))
        own = () if self.graph.self_mapping(entity) is None else (entity,)
        return (*self.graph.upstream(entity), *own)

    def reads(self, entity: Entity, condition: DepsMatch) -> tuple[AssetKey, ...]:
        """What of its upstream a condition looks at."""
        keys = self.upstream(entity)
        if not condition.allowed and not condition.ignored:
            return keys
        return tuple(key for key in keys if self.is_chosen(condition, key))

    def is_chosen(self, condition: DepsMatch | AnyDownstream, key: AssetKey) -> bool:
        """Whether a condition looks at an asset: allowed by one, where any is, ignored by none."""
        allowed, ignored = condition.allowed, condition.ignored
        is_allowed = not allowed or any(key in self._named(one) for one in allowed)
        return is_allowed and not any(key in self._named(one) for one in ignored)

    def downstream_conditions(
        self, condition: AnyDownstream, key: AssetKey
    ) -> Iterable[AutomationCondition]:
        """The conditions of all that is downstream and that a condition looks at, each once."""
        if condition.allowed or condition.ignored:
            users = (user for user in self._all_downstream(key) if self.is_chosen(condition, user))
            theirs = (self.graph.nodes[user].spec.automation_condition for user in users)
            return {id(one): one for one in theirs if one is not None}.values()
        return self._downstream_conditions[key].values()

    @cached_property
    def _downstream_conditions(self) -> dict[AssetKey, dict[int, AutomationCondition]]:
        found: dict[AssetKey, dict[int, AutomationCondition]] = {}
        for key in reversed(self.graph.order):
            of = found[key] = {}
            for user in self.graph.downstream(key):
                theirs = self.graph.nodes[user].spec.automation_condition
                if theirs is not None:
                    of[id(theirs)] = theirs
                of |= found[user]
        return found

    def _all_downstream(self, key: AssetKey) -> set[AssetKey]:
        known, todo = set[AssetKey](), [key]
        while todo:
            new = [user for user in self.graph.downstream(todo.pop()) if user not in known]
            known.update(new)
            todo.extend(new)
        return known

    def crossing(self, user: Entity, read: Entity) -> Crossing:
        """The way between an asset or check and what it reads."""
        place = (user, read)
        found = self._crossings.get(place)
        if found is None:
            ours, theirs = self.seen(user).partitions, self.seen(read).partitions
            found = self._crossings[place] = Crossing(ours, theirs, self._mapping(user, read))
        return found

    def _mapping(self, user: Entity, read: Entity) -> PartitionMapping | None:
        if isinstance(user, AssetCheckKey) or isinstance(read, AssetCheckKey):
            return None
        return self.graph.self_mapping(user) if user == read else self.graph.mapping(user, read)

    def _named(self, selection: Chosen) -> frozenset[AssetKey]:
        found = self._chosen.get(selection)
        if found is None:
            found = frozenset(
                _selected(self.graph, selection) if isinstance(selection, str) else selection
            )
            self._chosen[selection] = found
        return found

    def last_tick(self, schedule: str, zone: str) -> datetime:
        """The last tick up to now."""
        place = (schedule, zone)
        if place not in self._last_ticks:
            self._last_ticks[place] = next(ticks(schedule, zone).until(self.now))
        return self._last_ticks[place]

    @property
    def has_ticked(self) -> bool:
        """Whether a tick that was asked for came since the evaluation before."""
        at = self.cursor.at
        return at is not None and any(tick >= at for tick in self._last_ticks.values())

    def runs_with(self, read: Seen, user: Seen) -> bool:
        """Whether one run can compute a partition of both, what is read first."""
        if isinstance(read.entity, AssetCheckKey) or isinstance(user.entity, AssetCheckKey):
            return read.partitions.definition == user.partitions.definition
        if not self.graph.nodes[read.entity].is_executable:
            return False
        if read.partitions.definition != user.partitions.definition:
            return False
        mapping = self._mapping(user.entity, read.entity)
        return read.partitions.definition is None or (mapping is not None and is_plain(mapping))

    def known(self, fact: Fact, seen: Seen) -> int:
        """What a fact is true for, whoever asks."""
        found = seen.known.get(fact)
        if found is None:
            look = _OF_CHECKS if isinstance(seen.entity, AssetCheckKey) else _OF_ASSETS
            if fact not in look:
                raise DefinitionError(f"{fact} is nothing that is known of {seen}.")
            found = seen.known[fact] = look[fact](self, seen)
        return found


def _selected(graph: AssetGraph, text: str) -> set[AssetKey]:
    from bridge.selection import select  # noqa: PLC0415 - the grammar, only where it is needed

    return select(graph, text, outside="walked")


def _asset(seen: Seen) -> AssetKey:
    if isinstance(seen.entity, AssetCheckKey):
        raise DefinitionError(f"{seen} is a check.")
    return seen.entity


def _check(seen: Seen) -> AssetCheckKey:
    if not isinstance(seen.entity, AssetCheckKey):
        raise DefinitionError(f"{seen} is no check.")
    return seen.entity


def _newly_requested(world: World, seen: Seen) -> int:
    kept = world.cursor.requested.get(seen.name)
    return 0 if kept is None else seen.partitions.read(kept) or 0


def _newly_updated(world: World, seen: Seen) -> int:
    updates = world.facts.updates(_asset(seen))
    return seen.partitions.of_names(updates) if updates else 0


def _data_version_changed(world: World, seen: Seen) -> int:
    """Of what nobody gave a version it is not known; but after nothing at all, all data is new."""
    if not world.cursor.position:
        return world.known("newly_updated", seen)
    key = _asset(seen)
    changed = [
        partition
        for partition, update in world.facts.updates(key).items()
        if update.version != world.facts.version_before(key, partition)
    ]
    return seen.partitions.of_names(changed)


def _any_deps_nonexistent(world: World, seen: Seen) -> int:
    found = 0
    for key in world.upstream(seen.entity):
        found |= world.crossing(seen.entity, key).lacking(seen.full & ~found)
    return found


def _of_facts(look_up: Callable[[Facts, AssetKey], Some]) -> Callable[[World, Seen], int]:
    return lambda world, seen: seen.partitions.bits(look_up(world.facts, _asset(seen)))


def _fresh(state: FreshnessState) -> Callable[[World, Seen], int]:
    def look(world: World, seen: Seen) -> int:
        key = _asset(seen)
        policy = world.graph.nodes[key].spec.freshness_policy
        if policy is None:
            return 0
        verdict = policy.verdict(world.facts.updated_at(key), world.now)
        return seen.full if verdict.state == state else 0

    return look


def _answered(passed: bool | None) -> Callable[[World, Seen], int]:  # noqa: FBT001 - an answer
    return lambda world, seen: int(world.facts.check_passed(_check(seen)) is passed)


_OF_ASSETS: dict[Fact, Callable[[World, Seen], int]] = {
    "missing": lambda world, seen: (
        seen.full & ~seen.partitions.bits(world.facts.materialized(_asset(seen)))
    ),
    "execution_failed": _of_facts(lambda facts, key: facts.failed(key)),
    "run_in_progress": _of_facts(lambda facts, key: facts.in_run(key)),
    "backfill_in_progress": _of_facts(lambda facts, key: facts.in_backfill(key)),
    "newly_updated": _newly_updated,
    "newly_requested": _newly_requested,
    "data_version_changed": _data_version_changed,
    "any_deps_nonexistent": _any_deps_nonexistent,
    "freshness_passed": _fresh("pass"),
    "freshness_warned": _fresh("warn"),
    "freshness_failed": _fresh("fail"),
}
_OF_CHECKS: dict[Fact, Callable[[World, Seen], int]] = {
    "missing": _answered(None),
    "check_passed": _answered(passed=True),
    "check_failed": _answered(passed=False),
    "newly_updated": lambda world, seen: int(world.facts.was_answered(_check(seen))),
    "newly_requested": _newly_requested,
    # A check is asked by the runs of its asset; it fails by its answer, which check_failed tells.
    "run_in_progress": lambda world, seen: int(
        world.known("run_in_progress", world.seen(_check(seen).asset_key)) > 0
    ),
    "backfill_in_progress": lambda world, seen: 0,
    "execution_failed": lambda world, seen: 0,
    "any_deps_nonexistent": lambda world, seen: 0,
}
