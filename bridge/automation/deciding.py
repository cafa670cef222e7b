"""Which assets and checks to request now: conditions against facts and what was known before.

Pure: the same graph, facts, cursor and time give the same decision. Meanings are Dagster's, 1.13.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bridge.automation.asking import Asking, Shapes
from bridge.automation.cursor import AutomationCursor, Entity, Remembered
from bridge.automation.explanation import Explanation
from bridge.automation.facts import Facts
from bridge.automation.rules import RULES
from bridge.automation.sets import Kept, Partitions
from bridge.automation.world import Seen, World
from bridge.checks import AssetCheckKey
from bridge.conditions import AutomationCondition
from bridge.graph import AssetGraph
from bridge.keys import AssetKey


@dataclass(frozen=True, slots=True)
class Requested:
    """The partitions of one asset to compute; `partitions` says what the bits stand for."""

    partitions: Partitions
    bits: int

    @property
    def keys(self) -> list[str | None]:
        """The partitions in their order; [None] is an asset without partitions."""
        return self.partitions.keys(self.bits)

    def __len__(self) -> int:
        return self.bits.bit_count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to request now, upstream first, and the cursor for the next evaluation.

    What one function computes with something requested is requested with it. `has_ticked`: a cron
    tick came since the evaluation before, so that the next one must know of this one's time, also
    where nothing else has changed. `explanations` are of those that were asked for.
    """

    assets: Mapping[AssetKey, Requested]
    checks: tuple[AssetCheckKey, ...]
    cursor: AutomationCursor
    has_ticked: bool
    explanations: Mapping[Entity, Explanation] = field(default_factory=dict)

    @property
    def requested(self) -> list[tuple[AssetKey, str | None]]:
        """Every asset and partition to compute; None is an asset without partitions."""
        return [(key, name) for key, found in self.assets.items() for name in found.keys]


def evaluate(
    graph: AssetGraph,
    facts: Facts,
    cursor: AutomationCursor,
    now: datetime,
    *,
    explained: Iterable[Entity] | None = (),
) -> Decision:
    """What the automation conditions of these assets and checks request at `now`.

    `cursor` is that of the evaluation before, whatever has been defined anew since; `facts` must
    begin where it ended. `explained` are those to explain, None all.
    """
    world = World(graph, facts, cursor, now)
    wanted = None if explained is None else frozenset(explained)
    shapes = Shapes()
    evaluated: dict[str, Remembered] = {}
    explanations: dict[Entity, Explanation] = {}
    for entity, condition in _conditions(world):
        asking = Asking(
            world, shapes, RULES, entity, is_explained=wanted is None or entity in wanted
        )
        _request(world, asking.root, asking.answer(condition))
        evaluated[asking.root.name] = asking.remembered()
        if asking.explanation is not None:
            explanations[entity] = asking.explanation
    return Decision(
        assets={
            key: Requested(world.seen(key).partitions, bits)
            for key in graph.order
            if (bits := world.requested.get(key, 0))
        },
        checks=tuple(key for key in world.checks if world.requested.get(key)),
        cursor=AutomationCursor(now, facts.position, evaluated, _kept(world)),
        has_ticked=world.has_ticked,
        explanations=explanations,
    )


def has_conditions(graph: AssetGraph) -> bool:
    """Whether anything has an automation condition."""
    return any(
        node.spec.automation_condition is not None
        or any(spec.automation_condition is not None for spec in node.check_specs)
        for node in graph
    )


def _conditions(world: World) -> Iterator[tuple[Entity, AutomationCondition]]:
    """Every condition, upstream first; that of a check once all that it reads has been asked."""
    graph = world.graph
    after: dict[AssetKey, list[AssetCheckKey]] = {}
    place = {key: number for number, key in enumerate(graph.order)}
    for check, spec in world.checks.items():
        if spec.automation_condition is not None:
            last = max(world.upstream(check), key=place.__getitem__)
            after.setdefault(last, []).append(check)
    for key in graph.order:
        condition = graph.nodes[key].spec.automation_condition
        if condition is not None:
            yield key, condition
        for check in after.get(key, ()):
            condition = world.checks[check].automation_condition
            if condition is not None:
                yield check, condition


def _request(world: World, seen: Seen, bits: int) -> None:
    """Note what is requested, with all that its function computes at once.

    What something outside writes, and nobody here looks at, can have a condition for others to ask,
    but is never requested.
    """
    entity = seen.entity
    together: tuple[Entity, ...] = (entity,)
    if not isinstance(entity, AssetCheckKey):
        node = world.graph.nodes[entity]
        if node.definition is None and node.observer is None:
            return
        definition = node.definition
        if definition is not None and len(definition.specs) > 1 and not definition.can_subset:
            together = definition.keys
    for each in together:
        world.requested[each] = world.requested.get(each, 0) | bits


def _kept(world: World) -> dict[str, Kept]:
    seen = ((world.seen(entity), bits) for entity, bits in world.requested.items() if bits)
    return {each.name: each.partitions.kept(bits) for each, bits in seen}
