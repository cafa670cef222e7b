"""House: what all duties of the daemon work with, and what they tell of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from bridge.automation.location import Automation
from bridge.capabilities import Carried, carried_by
from bridge.graph import AssetGraph
from bridge.project import Project
from bridge.store import InstigatorState, Store
from bridge.store.known import with_known_partitions

What: TypeAlias = Literal[
    "leading", "waiting", "queued", "skipped", "failed", "started", "ended", "warning", "recorded"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that the daemon did or saw: `who` is a schedule, a sensor, a run, an instance."""

    what: What
    who: str
    text: str
    run_ids: tuple[str, ...] = ()


def _say_nothing(_happening: Happening) -> None:
    """Nobody listens."""


@dataclass(slots=True, kw_only=True)
class House:
    """One project under one daemon. `wake` ends the loop's sleep, from any thread."""

    project: Project
    store: Store
    declared_graph: AssetGraph
    automation: Automation
    resources: Mapping[str, Any] = field(default_factory=dict)
    adapters: tuple[object, ...] = ()
    report: Callable[[Happening], None] = _say_nothing
    wake: threading.Event = field(default_factory=threading.Event)

    def graph(self) -> AssetGraph:
        """The graph, its dynamic partitions as they are in the store now."""
        return with_known_partitions(self.declared_graph, self.store)

    def known_partitions(self) -> dict[str, list[str]]:
        """The dynamic partitions of the graph as they are in the store now."""
        names = self.declared_graph.dynamic_partitions
        return {name: self.store.dynamic_partitions(name) for name in names}


def without_carried(house: House) -> Carried:
    """Leave alone what other systems ask, as the settings say: each tick has one who asks.

    Returns what that is. Raises DefinitionError for what they cannot carry.
    """
    carried = carried_by(house.adapters, house.declared_graph, house.project, house.automation)
    house.automation = house.automation.without_schedules(carried.schedules)
    house.declared_graph = house.declared_graph.without_conditions(carried.conditions)
    return carried


def is_on(state: InstigatorState | None, *, by_default: bool) -> bool:
    """Whether a schedule, sensor or the conditions tick: as somebody said, else by default."""
    return by_default if state is None or state.is_on is None else state.is_on
