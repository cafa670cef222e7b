"""What conditions ask, read from a store on each database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge import AssetKey, AutomationCondition, DailyPartitionsDefinition
from bridge.execution.process import this_process
from bridge.partitions import subset_of
from bridge.runs import Run, RunTarget
from bridge.store import Backfill, BackfillProgress, open_store
from tests.bridge.automation.conftest import NIGHT, House, named

of = AutomationCondition
DAILY = DailyPartitionsDefinition("2024-02-26")
A = AssetKey("a")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """An empty project with a store of its own."""
    url = f"sqlite:///{tmp_path / 'bridge.db'}"
    if request.param == "postgresql":
        new: Callable[[], str] = request.getfixturevalue("new_postgres_database")
        url = new()
    store = open_store(url)
    yield House(store)
    store.close()


def queued(house: House, run_id: str, partition: str | None) -> None:
    target = RunTarget(assets=(A,), partition=partition)
    house.store.enqueue([Run(id=run_id, status="queued", created_at=NIGHT, target=target)])


def days(*names: str) -> dict[str, Any]:
    return {"a": subset_of(DAILY, names, NIGHT).to_value()}


def test_each_update_is_news_once(house: House) -> None:
    house.define(named("a", partitions_def=DAILY, condition=of.newly_updated()))
    house.happens("a@2024-02-26")
    assert house.requested() == []

    house.happens("a@2024-02-27", "a@2024-02-28", "a@no such day")

    assert house.requested() == ["a@2024-02-27", "a@2024-02-28"]
    assert house.requested() == []


def test_a_range_is_in_progress_but_for_what_is_done(house: House) -> None:
    house.define(named("a", partitions_def=DAILY, condition=of.in_progress()))
    queued(house, "r1", "2024-02-26...2024-02-28")
    assert house.requested() == ["a@2024-02-26", "a@2024-02-27", "a@2024-02-28"]

    house.store.begin_run("r1", this_process(), now=NIGHT)
    house.happens("a@2024-02-26", run_id="r1")

    assert house.requested() == ["a@2024-02-27", "a@2024-02-28"]


def test_a_range_of_other_partitions_is_not_in_progress(house: House) -> None:
    house.define(named("a", partitions_def=DAILY, condition=of.in_progress()))
    queued(house, "r1", "x...y")

    assert house.requested() == []


def test_a_run_of_the_whole_asset_takes_every_partition(house: House) -> None:
    house.define(named("a", partitions_def=DAILY, condition=of.run_in_progress()))
    queued(house, "r1", None)
    queued(house, "r2", "2024-02-26")

    assert len(house.requested()) == 4


def test_who_holds_a_claim_is_in_progress(house: House) -> None:
    house.define(named("a", partitions_def=DAILY, condition=of.in_progress()))
    claim = house.store.claim(A, "2024-02-27", owner="airflow:task")
    assert house.requested() == ["a@2024-02-27"]

    house.store.release(claim)

    assert house.requested() == []


def test_a_backfill_is_in_progress_where_it_has_still_to_do(house: House) -> None:
    house.define(
        named("a", partitions_def=DAILY, condition=of.backfill_in_progress()),
        named("whole", condition=of.backfill_in_progress()),
    )
    every = ("2024-02-26", "2024-02-27", "2024-02-28")
    whole = {"whole": {"partitions": ["all"]}}
    open_ones = [
        Backfill(
            id="b1",
            status="in_progress",
            created_at=NIGHT,
            target={**days(*every), **whole},
            progress=BackfillProgress(
                materialized={**days("2024-02-26"), **whole}, failed=days("2024-02-27")
            ),
        ),
        Backfill(id="b2", status="paused", created_at=NIGHT, target=days("2024-02-29")),
        Backfill(id="b3", status="requested", created_at=NIGHT, target={"gone": whole["whole"]}),
        Backfill(id="b4", status="canceled", created_at=NIGHT, target=days("2024-02-27")),
    ]
    for backfill in open_ones:
        house.store.add_backfill(backfill)

    assert house.requested() == ["a@2024-02-28", "a@2024-02-29"]
    house.store.add_backfill(Backfill(id="b5", status="requested", created_at=NIGHT, target=whole))
    assert "whole" in house.requested()


def test_a_backfill_of_windows_that_are_cut_anew_is_forgotten(house: House) -> None:
    later = DailyPartitionsDefinition("2024-02-28")
    house.define(named("a", partitions_def=later, condition=of.in_progress()))
    backfill = Backfill(id="b1", status="requested", created_at=NIGHT, target=days("2024-02-28"))
    house.store.add_backfill(backfill)

    assert house.requested() == []


def test_a_crowd_of_updates_is_read_at_once(house: House) -> None:
    house.define(
        named("a", partitions_def=DailyPartitionsDefinition("2021-01-01")),
        named("b", "a", condition=of.any_deps_match(of.newly_updated())),
    )
    house.requested()
    definition = house.graph.nodes[A].spec.partitions_def
    assert definition is not None

    house.happens(*(f"a@{name}" for name in definition.keys(NIGHT)[:600]))

    assert house.requested() == ["b"]
    house.happens("a@2021-01-01", happened_at=NIGHT - timedelta(days=9))
    assert house.requested() == []
