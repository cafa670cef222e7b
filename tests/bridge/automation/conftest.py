"""A store in which things happen, and the conditions asked tick by tick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any

import pytest

from bridge import AutomationCondition, Definitions, asset
from bridge.assets import AssetsDefinition
from bridge.automation.deciding import Decision
from bridge.automation_facts import decide
from bridge.events import AssetEvent
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.store import Store, open_store

NIGHT = datetime(2024, 3, 1, 0, 5, tzinfo=timezone.utc)
_SOURCES = count()


def named(
    name: str,
    *deps: Any,
    condition: AutomationCondition | None = None,
    **described: Any,
) -> AssetsDefinition:
    """An asset that does nothing."""

    @asset(key=name, deps=deps, automation_condition=condition, **described)
    def function() -> None: ...

    return function


class House:
    """A project over time: `tick` is one evaluation a minute after the last thing that happened."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NIGHT
        self.cursor: str | None = None
        self.graph = AssetGraph({})

    def define(self, *assets: Any, checks: Sequence[Any] = ()) -> None:
        self.graph = Definitions(assets, checks).graph()

    def tick(self, *, after: timedelta = timedelta(minutes=1), **asked: Any) -> Decision:
        self.now += after
        decision = decide(self.store, self.graph, self.cursor, self.now, **asked)
        self.cursor = decision.cursor.dump()
        return decision

    def requested(self, **asked: Any) -> list[str]:
        """What one tick requests, as asset or asset@partition."""
        decision = self.tick(**asked)
        return [
            *(str(k) if name is None else f"{k}@{name}" for k, name in decision.requested),
            *(f"{key.asset_key}:{key.name}" for key in decision.checks),
        ]

    def happens(self, *names: str, kind: Any = "materialization", **facts: Any) -> None:
        """Events, half a minute after the last tick."""
        for name in names:
            key, _, partition = name.partition("@")
            given = {"happened_at": self.now + timedelta(seconds=30), **facts}
            event = AssetEvent(
                kind=kind,
                key=AssetKey.parse(key),
                partition=partition or None,
                source=f"test:{next(_SOURCES)}",
                **given,
            )
            self.store.record([event])


@pytest.fixture
def house() -> Iterator[House]:
    """An empty project with a store of its own."""
    store = open_store("sqlite://")
    yield House(store)
    store.close()
