"""What a run needs: a store in memory and values kept in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from typing import Any, TypeAlias

import pytest

from bridge.assets import AssetsDefinition
from bridge.checks import AssetChecksDefinition
from bridge.execution import RunResult, plan, run_plan
from bridge.graph import AssetGraph
from bridge.io import InMemoryIOManager, IOManager
from bridge.specs import AssetSpec
from bridge.store import Store, open_store

Item: TypeAlias = "AssetsDefinition | AssetSpec | AssetChecksDefinition"
Run: TypeAlias = Callable[..., RunResult]


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store in memory."""
    opened = open_store("sqlite://")
    yield opened
    opened.close()


@pytest.fixture
def values() -> InMemoryIOManager:
    """Where values are kept in memory."""
    return InMemoryIOManager()


@pytest.fixture
def run(store: Store, values: InMemoryIOManager) -> Run:
    """Materialize these assets with their checks, all of them or those of `only`."""

    def _run(
        *items: Item,
        only: Iterable[str] | None = None,
        partition: str | None = None,
        io_manager: IOManager | None = None,
        **others: Any,
    ) -> RunResult:
        checks = [item for item in items if isinstance(item, AssetChecksDefinition)]
        assets = [item for item in items if not isinstance(item, AssetChecksDefinition)]
        graph = AssetGraph.build(assets, checks)
        chosen = [key for key in graph.nodes if only is None or str(key) in only]
        todo = plan(graph, chosen, partition=partition, now=datetime.now(timezone.utc))
        return run_plan(todo, store, {"io_manager": io_manager or values}, **others)

    return _run
