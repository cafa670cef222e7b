"""Staleness after each step of a story, told through runs and facts of a store as in daily life."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import count
from typing import Any

from bridge import (
    AssetGraph,
    AssetKey,
    AssetSpec,
    InMemoryIOManager,
    MaterializeResult,
    asset,
)
from bridge.assets import AssetsDefinition
from bridge.events import AssetEvent
from bridge.execution import plan, run_plan
from bridge.staleness import (
    Cause,
    DataFacts,
    Staleness,
    partition_staleness,
    staleness,
)
from bridge.store import Store, open_store
from tests.conformance.partitions_of_cases import deps_of, partitions_of

CASES = "staleness.json"
IO_MANAGERS = {"io_manager": InMemoryIOManager()}


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    if "oracle_notes" in case:
        return "the reference notes that it is inconsistent here"
    return None


class Story:
    """What the steps of one case have made so far."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.declared: dict[str, dict[str, Any]] = {}
        self.graph = AssetGraph({})
        self.versions: dict[str, str] = {}
        self.wiped: dict[AssetKey, datetime] = {}
        self._reports = count()

    def take(self, step: dict[str, Any]) -> None:
        getattr(self, f"_{step['do']}")(step)

    def _define(self, step: dict[str, Any]) -> None:
        self.declared = step["assets"]
        self.graph = AssetGraph.build(
            [self._asset(name, declared) for name, declared in self.declared.items()]
        )

    def _asset(self, name: str, declared: dict[str, Any]) -> AssetsDefinition | AssetSpec:
        deps = deps_of(declared)
        if declared.get("kind", "asset") != "asset":
            return AssetSpec(AssetKey.parse(name), deps=deps)
        cut = declared.get("partitions")

        @asset(
            key=AssetKey.parse(name),
            deps=deps,
            code_version=declared.get("code_version"),
            partitions_def=partitions_of(cut) if cut else None,
        )
        def function() -> MaterializeResult:
            return MaterializeResult(data_version=self.versions.get(name))

        return function

    def _materialize(self, step: dict[str, Any]) -> None:
        self.versions = step.get("data_versions") or {}
        keys = [AssetKey.parse(name) for name in step["assets"]]
        for partition in step.get("partitions") or [None]:
            todo = plan(self.graph, keys, partition=partition, now=datetime.now(timezone.utc))
            assert run_plan(todo, self.store, IO_MANAGERS).success

    def _observe(self, step: dict[str, Any]) -> None:
        self._tell("observation", step)

    def _report_version(self, step: dict[str, Any]) -> None:
        self._tell("observation" if step.get("observation") else "materialization", step)

    def _tell(self, kind: Any, step: dict[str, Any]) -> None:
        self.store.record(
            [
                AssetEvent(
                    kind=kind,
                    key=AssetKey.parse(step["asset"]),
                    partition=step.get("partition"),
                    happened_at=datetime.now(timezone.utc),
                    source=f"report:{next(self._reports)}",
                    data_version=step.get("version"),
                )
            ]
        )

    def _wipe(self, step: dict[str, Any]) -> None:
        self.wiped[AssetKey.parse(step["asset"])] = datetime.now(timezone.utc)

    def facts(self) -> DataFacts:
        def remains(key: AssetKey, at: datetime | None) -> bool:
            return key not in self.wiped or (at is not None and at > self.wiped[key])

        assets = self.store.data_states(self.graph.nodes)
        cut = [node.key for node in self.graph if node.spec.partitions_def is not None]
        partitions = {key: self.store.partition_data_states(key) for key in cut}
        return DataFacts(
            assets={k: state for k, state in assets.items() if remains(k, state.materialized_at)},
            partitions={
                key: {
                    p: state for p, state in states.items() if remains(key, state.materialized_at)
                }
                for key, states in partitions.items()
            },
        )

    def answer(self) -> dict[str, dict[str, Any]]:
        facts, now = self.facts(), datetime.now(timezone.utc)
        whole = staleness(self.graph, facts, now)
        found = {}
        for name, declared in self.declared.items():
            names = declared.get("check_partitions")
            if names is None:
                found[name] = said(whole[AssetKey.parse(name)])
                continue
            answers = partition_staleness(self.graph, AssetKey.parse(name), names, facts, now)
            found |= {f"{name}@{partition}": said(one) for partition, one in answers.items()}
        return found


def said(found: Staleness) -> dict[str, Any]:
    if not found.causes:
        return {"status": found.status}
    return {"status": found.status, "causes": [cause_said(cause) for cause in found.causes]}


def cause_said(cause: Cause) -> dict[str, str | None]:
    at = "" if cause.partition is None else f"@{cause.partition}"
    dependency = None if cause.dependency is None else f"{cause.dependency}{at}"
    return {"cause": cause.kind, "dependency": dependency}


def test_an_asset_is_as_stale_as_in_the_reference(case: dict[str, Any]) -> None:
    store = open_store("sqlite://")
    story = Story(store)
    for step in case["steps"]:
        story.take(step)
        assert story.answer() == step["expect"]
    store.close()
