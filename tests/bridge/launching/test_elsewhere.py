"""A backfill whose runs another system does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bridge import AssetKey, DailyPartitionsDefinition, Definitions, asset
from bridge.backfills import Cut, carry_out, new_backfill, pause, roots_target
from bridge.events import AssetEvent
from bridge.launching import Attendance, Elsewhere
from bridge.project import find_project
from bridge.runs import Run
from bridge.store import Backfill, Store, open_store
from tests.bridge.launching.other_system import SETTINGS, Moon

NOW = datetime(2024, 3, 1, tzinfo=timezone.utc)
ORDERS = AssetKey("orders")


@asset(partitions_def=DailyPartitionsDefinition("2024-01-01"))
def orders() -> None: ...


DEFS = Definitions([orders])


class Depot:
    """The other system, and how many of its parts go on at once."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.moon = Moon(does=self._does)
        self.at_once = 0
        graph = DEFS.graph()
        self.attendance = Attendance(
            replace(find_project(folder), airflow=SETTINGS),
            store,
            lambda: graph,
            lambda: DEFS.automation(graph),
            [self.moon],
        )
        cut = Cut(graph, NOW, None)
        target = roots_target(cut, [ORDERS], ["2024-01-02", "2024-01-05"], is_range=True)
        self.backfill = new_backfill(target, NOW, selection="orders")
        store.add_backfill(self.backfill)

    def crew(self, at_most: int) -> Elsewhere:
        return Elsewhere(
            self.backfill, self.store, self.attendance, "moon", at_most, look_every_s=0.0
        )

    def _does(self, run: Run) -> None:
        made = AssetEvent(
            kind="materialization",
            key=ORDERS,
            partition=run.target.partition,
            happened_at=NOW,
            source="moon",
            run_id=run.id,
        )
        self.store.record([made])
        self.moon.states[run.id] = "succeeded"
        running = self.store.runs(statuses=("running",), limit=10)
        self.at_once = max(self.at_once, len(running))


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[Depot]:
    store = open_store(f"sqlite:///{tmp_path / 'bridge.db'}")
    yield Depot(store, tmp_path)
    store.close()


def test_each_partition_is_done_once_and_so_many_at_a_time(depot: Depot) -> None:
    ended = carry_out(
        depot.backfill, depot.store, DEFS.graph(), depot.crew(2), lambda _backfill: None
    )

    assert (ended.status, ended.counts.materialized) == ("completed_success", 4)
    assert (len(depot.moon.began), len(set(depot.moon.began)), depot.at_once) == (4, 4, 2)


def test_a_paused_backfill_begins_nothing_more_and_what_goes_on_ends(depot: Depot) -> None:
    def watch(backfill: Backfill) -> None:
        if backfill.status != "paused" and depot.moon.began:
            pause(backfill, depot.store, DEFS.graph(), NOW)

    left = carry_out(depot.backfill, depot.store, DEFS.graph(), depot.crew(1), watch)

    assert left.status == "paused"
    assert left.counts.materialized == len(depot.moon.began) < left.counts.total
