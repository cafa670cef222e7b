"""Which runs a backfill asks for, wave by wave, and what has which state in the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

import bridge
from bridge.backfills import (
    Cut,
    PlannedRun,
    Progress,
    Subsets,
    left,
    next_wave,
    partitions_target,
    roots_target,
    whole_target,
)
from bridge.errors import BridgeError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.partitions import PartitionsSubset
from tests.conformance.partitions_of_cases import deps_of, instant, partitions_of

CASES = "backfill.json"
MOST_WAVES = 1000


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    return "the reference notes that it is inconsistent here" if "oracle_notes" in case else None


def policy_of(stated: str | int | None) -> bridge.BackfillPolicy | None:
    if stated is None:
        return None
    if isinstance(stated, int):
        return bridge.BackfillPolicy.multi_run(stated)
    assert stated == "single_run"
    return bridge.BackfillPolicy.single_run()


def asset_of(name: str, said: dict[str, Any]) -> Any:
    key = AssetKey.parse(name)
    partitions = partitions_of(said["partitions"]) if said.get("partitions") else None
    if said.get("external"):
        return bridge.AssetSpec(key, deps=deps_of(said), partitions_def=partitions)

    @bridge.asset(
        key=key,
        deps=deps_of(said),
        partitions_def=partitions,
        backfill_policy=policy_of(said.get("backfill_policy")),
    )
    def computed() -> None: ...

    return computed


def cut_of(case: dict[str, Any]) -> Cut:
    graph = AssetGraph.build([asset_of(name, said) for name, said in case["assets"].items()])
    known = graph.with_dynamic_partitions(case.get("dynamic_partitions", {}))
    return Cut(known, instant(case["now"]))


def target_of(cut: Cut, case: dict[str, Any]) -> Subsets:
    stated = case["target"]
    if stated == "all":
        return whole_target(cut, cut.graph.nodes)
    if "asset_partitions" in stated:
        named = {AssetKey.parse(key): names for key, names in stated["asset_partitions"].items()}
        return partitions_target(
            cut, {key: names if cut.is_partitioned(key) else None for key, names in named.items()}
        )
    chosen = [AssetKey.parse(name) for name in stated.get("assets") or case["assets"]]
    return roots_target(cut, chosen, stated["root_partitions"])


class Simulation:
    """Runs that take no time: what a case says fails, and what waits for it in the same run."""

    def __init__(self, cut: Cut, fails: Iterable[str]) -> None:
        self._cut = cut
        self._fails = [each.partition("@") for each in fails]
        self.requested: dict[AssetKey, PartitionsSubset] = {}
        self.materialized: dict[AssetKey, PartitionsSubset] = {}
        self.failed: dict[AssetKey, PartitionsSubset] = {}

    def run(self, planned: PlannedRun) -> None:
        unmade: set[AssetKey] = set()
        for key in self._cut.graph.order:
            if key not in planned.assets:
                continue
            done = self._partitions(key, planned)
            self._add(self.requested, key, done)
            if self._raises(key, done) or unmade & self._cut.graph.all_upstream(key):
                unmade.add(key)
            self._add(self.failed if key in unmade else self.materialized, key, done)

    def _partitions(self, key: AssetKey, planned: PlannedRun) -> PartitionsSubset:
        if planned.first is None or planned.last is None:
            return self._cut.all(key)
        names = self._cut.definition(key).range(planned.first, planned.last)
        return self._cut.some(key, names)

    def _raises(self, key: AssetKey, done: PartitionsSubset) -> bool:
        return any(
            name == str(key) and (not at or partition in done)
            for name, at, partition in self._fails
        )

    def _add(
        self, to: dict[AssetKey, PartitionsSubset], key: AssetKey, done: PartitionsSubset
    ) -> None:
        to[key] = to.get(key, self._cut.none(key)) | done

    def progress(self) -> Progress:
        return Progress(self.requested, self.materialized, self.failed)


def as_stated(cut: Cut, run: PlannedRun) -> dict[str, Any]:
    stated: dict[str, Any] = {"assets": sorted(map(str, run.assets)), "partition": None}
    if run.first is not None:
        if cut.policy(run.assets[0]) is None:
            stated["partition"] = run.partition
        else:
            stated["range"] = [run.first, run.last]
    return stated


def named(cut: Cut, subsets: Subsets) -> list[str]:
    return sorted(
        f"{key}@{name}" if cut.is_partitioned(key) else str(key)
        for key, subset in subsets.items()
        for name in cut.names(subset)
    )


def ordered(runs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(
        runs, key=lambda run: (run["assets"], run["partition"] or "", run.get("range") or [])
    )


def replay(case: dict[str, Any]) -> dict[str, Any]:
    cut = cut_of(case)
    target = target_of(cut, case)
    simulation = Simulation(cut, case["fail"])
    waves: list[list[dict[str, Any]]] = []
    wave = next_wave(cut, target, simulation.progress())
    while wave.runs and len(waves) < MOST_WAVES:
        waves.append(ordered(as_stated(cut, run) for run in wave.runs))
        for run in wave.runs:
            simulation.run(run)
        wave = next_wave(cut, target, simulation.progress())
    return {
        "iterations": waves,
        "materialised": named(cut, simulation.materialized),
        "failed_and_downstream": named(cut, wave.blocked),
        "without_status": named(cut, left(cut, target, simulation.progress(), wave.blocked)),
        "target": named(cut, target),
    }


def test_a_backfill_asks_for_the_runs_of_the_reference(case: dict[str, Any]) -> None:
    expected = case["expect"]
    if expected.get("error"):
        with pytest.raises(BridgeError):
            replay(case)
        return

    found = replay(case)

    assert found["target"] == sorted(case["target_resolved"])
    assert found["iterations"] == [ordered(wave["runs"]) for wave in expected["iterations"]]
    for state in ("materialised", "failed_and_downstream", "without_status"):
        assert found[state] == sorted(expected[state])
