"""Carrying a backfill on: every partition once, whoever stops and whoever is killed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bridge import (
    AssetCheckResult,
    AssetDep,
    AssetKey,
    AssetsDefinition,
    BackfillPolicy,
    DailyPartitionsDefinition,
    Definitions,
    HourlyPartitionsDefinition,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    WeeklyPartitionsDefinition,
    asset,
    asset_check,
)
from bridge.backfills import (
    Cut,
    advance,
    cancel,
    new_backfill,
    pause,
    resume,
    retry,
    whole_target,
)
from bridge.errors import RefusedError
from bridge.execution import execute_queued
from bridge.execution.process import this_process
from bridge.graph import AssetGraph
from bridge.io import InMemoryIOManager
from bridge.runs import Run
from bridge.store import Backfill, Store

NOW = datetime(2024, 4, 1, tzinfo=timezone.utc)
DAYS = DailyPartitionsDefinition("2024-03-01", end_date="2024-03-05")
ALL_DAYS = ["2024-03-01", "2024-03-02", "2024-03-03", "2024-03-04"]


class World:
    """Assets that note what they compute, and fail where told."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.computed: list[str] = []
        self.fails: set[str] = set()
        self.parts: list[Any] = []

    def asset(self, name: str, *deps: object, **given: Any) -> AssetsDefinition:
        def compute(context) -> None:
            names = context.partition_keys if given.get("partitions_def") else [None]
            for each in names:
                said = f"{name}@{each}" if each else name
                if said in self.fails:
                    raise RuntimeError(f"{said} cannot be computed")
                self.computed.append(said)

        made: AssetsDefinition = asset(name=name, deps=list(deps), **given)(compute)
        self.parts.append(made)
        return made

    @property
    def definitions(self) -> Definitions:
        checks = [part for part in self.parts if not isinstance(part, AssetsDefinition)]
        assets = [part for part in self.parts if isinstance(part, AssetsDefinition)]
        return Definitions(
            assets=assets, asset_checks=checks, resources={"io_manager": InMemoryIOManager()}
        )

    @property
    def graph(self) -> AssetGraph:
        return self.definitions.graph()

    def started(self, **given: Any) -> Backfill:
        cut = Cut(self.graph, NOW, given.get("policy"))
        backfill = new_backfill(whole_target(cut, cut.graph.nodes), NOW, **given)
        self.store.add_backfill(backfill)
        return backfill

    def queued(self, backfill: Backfill) -> list[Run]:
        found = self.store.runs(origin=backfill.origin, statuses=["queued"], limit=10_000)
        return sorted(found, key=lambda run: run.created_at)

    def work(self, backfill: Backfill, *, runs: Iterable[Run] | None = None) -> None:
        definitions = self.definitions
        for run in self.queued(backfill) if runs is None else runs:
            execute_queued(run.id, definitions, self.store)

    def advanced(self, backfill: Backfill) -> Backfill:
        return advance(self.known(backfill), self.store, self.graph, NOW)

    def known(self, backfill: Backfill) -> Backfill:
        found = self.store.backfill(backfill.id)
        assert found is not None
        return found

    def carried_out(self, backfill: Backfill) -> Backfill:
        seen = self.advanced(backfill)
        for _ in range(50):
            if seen.has_ended:
                break
            self.work(seen)
            seen = self.advanced(seen)
        return seen


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


@pytest.fixture
def chain(world: World) -> World:
    """Two daily assets, and a weekly one that reads them."""
    world.asset("a", partitions_def=DAYS)
    world.asset("b", "a", partitions_def=DAYS)
    weeks = WeeklyPartitionsDefinition("2024-02-25", end_date="2024-03-03")
    mapping = TimeWindowPartitionMapping(allow_nonexistent_upstream_partitions=True)
    world.asset("w", AssetDep("b", partition_mapping=mapping), partitions_def=weeks)
    return world


def everything(world: World) -> list[str]:
    return sorted([f"{name}@{day}" for name in ("a", "b") for day in ALL_DAYS] + ["w@2024-02-25"])


def test_every_partition_is_computed_once_and_counted(chain: World) -> None:
    ended = chain.carried_out(chain.started())

    assert ended.status == "completed_success"
    assert sorted(chain.computed) == everything(chain)
    assert (ended.counts.total, ended.counts.materialized, ended.counts.left) == (9, 9, 0)


def test_a_run_waits_for_what_it_reads_and_not_for_the_rest_of_the_wave(chain: World) -> None:
    backfill = chain.advanced(chain.started())
    first_two = chain.queued(backfill)[:2]

    chain.work(backfill, runs=first_two)
    backfill = chain.advanced(backfill)

    asked = {(str(run.target.assets[0]), run.target.partition) for run in chain.queued(backfill)}
    assert ("w", "2024-02-25") in asked
    assert ("a", "2024-03-03") in asked


def test_runs_of_several_partitions_wait_until_all_of_them_can_go(world: World) -> None:
    world.asset("a", partitions_def=DAYS)
    lag = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
    several = BackfillPolicy.multi_run(2)
    dep = AssetDep("a", partition_mapping=lag)
    world.asset("b", dep, partitions_def=DAYS, backfill_policy=several)
    backfill = world.advanced(world.started())

    asked = []
    for _ in range(2):
        world.work(backfill, runs=world.queued(backfill)[:2])
        backfill = world.advanced(backfill)
        asked.append([run.target.partition for run in world.queued(backfill)])

    assert asked == [
        ["2024-03-03", "2024-03-04"],
        ["2024-03-01...2024-03-02", "2024-03-03...2024-03-04"],
    ]


def test_what_fails_holds_back_only_what_reads_it(chain: World) -> None:
    chain.fails = {"a@2024-03-02"}

    ended = chain.carried_out(chain.started())

    assert ended.status == "completed_failed"
    assert (ended.counts.failed, ended.counts.blocked, ended.counts.materialized) == (2, 1, 6)


def test_retrying_computes_only_what_is_not_there(chain: World) -> None:
    chain.fails = {"b@2024-03-02"}
    backfill = chain.carried_out(chain.started())
    chain.fails, chain.computed = set(), []

    ended = chain.carried_out(retry(backfill, chain.store))

    assert ended.status == "completed_success"
    assert sorted(chain.computed) == ["b@2024-03-02", "w@2024-02-25"]


def test_retrying_what_fails_again_fails_again(chain: World) -> None:
    chain.fails = {"b@2024-03-02"}
    backfill = chain.carried_out(chain.started())

    ended = chain.carried_out(retry(backfill, chain.store))

    assert ended.status == "completed_failed"
    assert ended.counts.failed == 1


@pytest.mark.parametrize("status", ["requested", "completed_success"])
def test_nothing_is_retried_that_goes_on_or_is_done(chain: World, status: str) -> None:
    backfill = chain.started()
    if status == "completed_success":
        backfill = chain.carried_out(backfill)

    with pytest.raises(RefusedError):
        retry(backfill, chain.store)


def test_a_paused_backfill_takes_its_waiting_runs_back_until_it_is_resumed(chain: World) -> None:
    backfill = chain.advanced(chain.started())
    chain.work(backfill, runs=chain.queued(backfill)[:1])

    paused = pause(chain.known(backfill), chain.store, chain.graph, NOW)

    assert paused.status == "paused"
    assert not chain.queued(paused)
    assert (paused.counts.materialized, paused.counts.under_way, paused.counts.left) == (2, 0, 7)
    assert chain.advanced(paused) == paused

    ended = chain.carried_out(resume(paused, chain.store, chain.graph, NOW))

    assert ended.status == "completed_success"
    assert sorted(chain.computed) == everything(chain)


def test_canceling_ends_with_the_last_run_that_goes_on(chain: World) -> None:
    backfill = chain.advanced(chain.started())
    running = chain.queued(backfill)[0]
    chain.store.begin_run(running.id, this_process(), now=NOW)

    canceling = cancel(chain.known(backfill), chain.store, chain.graph, NOW)

    assert canceling.status == "canceling"
    assert not chain.queued(canceling)
    asked = chain.store.run(running.id)
    assert asked is not None
    assert asked.cancel_requested
    chain.store.finish_run(replace(asked, status="canceled", ended_at=NOW))
    canceled = chain.advanced(canceling)
    assert (canceled.status, canceled.counts.left, canceled.counts.failed) == ("canceled", 9, 0)


def test_a_canceled_backfill_can_be_taken_up_again(chain: World) -> None:
    backfill = chain.advanced(chain.started())
    chain.work(backfill, runs=chain.queued(backfill)[:2])
    canceled = cancel(chain.known(backfill), chain.store, chain.graph, NOW)
    assert canceled.status == "canceled"

    ended = chain.carried_out(retry(canceled, chain.store))

    assert ended.status == "completed_success"
    assert sorted(chain.computed) == everything(chain)


def test_one_run_that_somebody_cancels_counts_as_failed(chain: World) -> None:
    backfill = chain.advanced(chain.started())
    chain.store.cancel_run(chain.queued(backfill)[0].id, now=NOW)

    ended = chain.carried_out(backfill)

    assert (ended.status, ended.counts.failed, ended.counts.blocked) == ("completed_failed", 2, 1)


def test_a_run_whose_process_was_killed_is_asked_for_once_more(chain: World) -> None:
    backfill = chain.advanced(chain.started())
    for attempt in (1, 2):
        first = chain.queued(backfill)[0] if attempt == 1 else by_partition(chain, backfill)
        chain.store.begin_run(first.id, this_process(), now=NOW)
        begun = chain.store.run(first.id)
        assert begun is not None
        chain.store.fail_dead_run(begun, now=NOW)
        backfill = chain.advanced(backfill)
        assert backfill.counts.failed == (0 if attempt == 1 else 2)


def by_partition(world: World, backfill: Backfill) -> Run:
    return next(run for run in world.queued(backfill) if run.target.partition == ALL_DAYS[0])


def test_two_who_carry_on_at_once_ask_for_each_run_once(chain: World) -> None:
    seen = chain.started()

    first = advance(seen, chain.store, chain.graph, NOW)
    second = advance(seen, chain.store, chain.graph, NOW + timedelta(seconds=1))

    assert first == second
    assert len(chain.queued(first)) == len(ALL_DAYS)


def test_a_failed_blocking_check_holds_back_later_runs_too(world: World) -> None:
    world.asset("a", partitions_def=DAYS)
    world.asset("total", "a")

    @asset_check(asset="a", blocking=True)
    def is_fine() -> AssetCheckResult:
        return AssetCheckResult(passed=False)

    world.parts.append(is_fine)

    ended = world.carried_out(world.started())

    assert (ended.status, ended.counts.failed, ended.counts.blocked) == ("completed_failed", 4, 1)
    assert "total" not in world.computed


def test_the_policy_of_a_backfill_stands_in_for_those_of_its_assets(chain: World) -> None:
    backfill = chain.advanced(chain.started(policy=BackfillPolicy.single_run()))

    assert [run.target.partition for run in chain.queued(backfill)] == ["2024-03-01...2024-03-04"]


def test_tags_and_the_id_of_the_backfill_are_on_its_runs(chain: World) -> None:
    backfill = chain.advanced(chain.started(tags={"team": "sales"}))

    assert chain.queued(backfill)[0].tags == {"team": "sales", "backfill": backfill.id}


def test_an_asset_that_is_gone_ends_the_backfill_with_its_name(chain: World) -> None:
    backfill = chain.started()
    chain.parts = [part for part in chain.parts if part.key != AssetKey("w")]

    ended = chain.advanced(backfill)

    assert ended.status == "failed"
    assert "w is no asset that we compute any more" in str(ended.message)


def test_assets_cut_in_another_way_since_end_the_backfill(world: World) -> None:
    world.asset("a", partitions_def=DAYS)
    backfill = world.started()
    world.parts = []
    world.asset("a", partitions_def=StaticPartitionsDefinition(["x"]))

    ended = world.advanced(backfill)

    assert ended.status == "failed"
    assert "cut into other partitions" in str(ended.message)


def test_assets_without_partitions_are_computed_once_after_what_they_read(world: World) -> None:
    world.asset("a", partitions_def=DAYS)
    world.asset("total", "a")
    world.asset("report", "total")

    ended = world.carried_out(world.started())

    assert ended.status == "completed_success"
    assert world.computed[-2:] == ["total", "report"]
    assert len(world.computed) == len(ALL_DAYS) + 2


def test_only_so_many_runs_wait_at_a_time_however_many_partitions_there_are(world: World) -> None:
    hours = HourlyPartitionsDefinition("2024-01-01-00:00")
    world.asset("a", partitions_def=hours)
    world.asset("b", "a", partitions_def=hours)

    first = world.advanced(world.started())
    world.work(first, runs=world.queued(first)[:3])
    second = world.advanced(first)

    assert len(first.progress.open_runs) == len(second.progress.open_runs) == 1000
    assert (second.counts.materialized, second.counts.under_way) == (6, 2000)
    assert second.counts.total == 2 * hours.count(NOW)


def test_an_asset_that_reads_its_own_past_is_computed_in_order(world: World) -> None:
    own = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
    world.asset("a", AssetDep("a", partition_mapping=own), partitions_def=DAYS)

    ended = world.carried_out(world.started())

    assert ended.status == "completed_success"
    assert world.computed == [f"a@{day}" for day in ALL_DAYS]


def test_a_step_that_is_killed_before_it_is_noted_changes_nothing(chain: World) -> None:
    backfill = chain.started()
    interrupted = Interrupted(chain.store, "change_backfill")

    with pytest.raises(KeyboardInterrupt):
        advance(backfill, interrupted, chain.graph, NOW)  # type: ignore[arg-type]

    assert not chain.queued(backfill)
    assert chain.carried_out(backfill).status == "completed_success"
    assert sorted(chain.computed) == everything(chain)


class Interrupted:
    """A store for which somebody presses Ctrl-C as it is asked for one thing."""

    def __init__(self, store: Store, at: str) -> None:
        self._store, self._at = store, at

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name == self._at:
            raise KeyboardInterrupt
        return getattr(self._store, name)  # type: ignore[no-any-return]
