"""Two daemons that are killed at random moments: nothing is missed and nothing is done twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest

from bridge.store import Store, open_store
from tests.bridge.daemon.conftest import until

SPEED = 15  # minutes pass so many times faster; slow machines have to keep up
KILLS = 10
PATIENCE_S = 240  # machines may be slow

PROJECT = """
    from bridge import *

    minutes = TimeWindowPartitionsDefinition("{start}", "%Y-%m-%d-%H:%M", cron_schedule="* * * * *")
    ON = DefaultScheduleStatus.RUNNING

    @asset
    def plain() -> list[dict]:
        return [{{"a": 1}}]

    @asset(partitions_def=minutes)
    def scheduled() -> list[dict]:
        return []

    @asset(
        partitions_def=minutes,
        automation_condition=AutomationCondition.missing() & ~AutomationCondition.in_progress(),
    )
    def conditional() -> list[dict]:
        return []

    @sensor(target="plain", minimum_interval_seconds=40, default_status=DefaultSensorStatus.RUNNING)
    def counting(context):
        number = int(context.cursor or 0)
        context.update_cursor(str(number + 1))
        return RunRequest(tags={{"number": str(number)}})

    job = define_asset_job("each_minute", [scheduled])
    defs = Definitions(
        [plain, scheduled, conditional],
        schedules=[build_schedule_from_partitioned_job(job, default_status=ON)],
        sensors=[counting],
    )
"""
DAEMON = """
    import sys
    from datetime import datetime, timedelta, timezone
    from bridge.daemon import Daemon, House, duties_of
    from bridge.daemon.leading import Leadership
    from bridge.definitions import load_code_locations
    from bridge.execution.process import this_process
    from bridge.project import find_project
    from bridge.store import open_store

    begun, speed = datetime.fromisoformat(sys.argv[1]), float(sys.argv[2])
    last = datetime.fromisoformat(sys.argv[3]) if len(sys.argv) > 3 else None

    def clock():  # from `last` on as fast as others, so that there is an end to it
        now = datetime.now(timezone.utc)
        fast, slow = (now, begun) if last is None else (last, begun + (now - last))
        return slow - timedelta(hours=2) + (fast - begun) * speed

    project = find_project()
    definitions = load_code_locations([str(project.root / "shop.py")])
    graph = definitions.graph()
    house = House(
        project=project,
        store=open_store(project.store_url),
        declared_graph=graph,
        automation=definitions.automation(graph),
        resources=definitions.resources,
        report=lambda happening: print(happening.who, happening.what, happening.text, flush=True),
    )
    daemon = Daemon(
        house, duties_of(house, workers=3), Leadership(house.store, this_process(), 2.0), clock
    )
    daemon.run_once() if last else daemon.run()
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'bridge.db'}"


@pytest.mark.slow
def test_daemons_that_are_killed_miss_and_double_nothing(url: str, tmp_path: Path) -> None:
    begun = datetime.now(timezone.utc)
    first_minute = begun - timedelta(hours=2)
    (tmp_path / "bridge.toml").write_text('definitions = ["shop.py"]\n')
    (tmp_path / "shop.py").write_text(
        textwrap.dedent(PROJECT).format(start=f"{first_minute:%Y-%m-%d-%H:%M}")
    )
    (tmp_path / "under.py").write_text(textwrap.dedent(DAEMON))
    store = open_store(url)
    log = (tmp_path / "log.txt").open("ab")

    def start(*last: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "under.py", begun.isoformat(), str(SPEED), *last],
            cwd=tmp_path,
            env=os.environ | {"BRIDGE_STORE": url, "BRIDGE_PROJECT": str(tmp_path)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )

    chance = random.Random()
    daemons = [start(), start()]
    try:
        until(lambda: store.lease("daemon") is not None, PATIENCE_S)
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.4, 2.4))
            victim = chance.randrange(2)
            daemons[victim].send_signal(signal.SIGKILL)
            daemons[victim].wait()
            daemons[victim] = start()
        time.sleep(2)
        until(lambda: _is_enough(store), PATIENCE_S)
    finally:
        for daemon in daemons:
            daemon.kill()
            daemon.wait()
    to_the_end = start(datetime.now(timezone.utc).isoformat())
    try:
        assert to_the_end.wait(timeout=PATIENCE_S) == 0
    finally:
        to_the_end.kill()
        to_the_end.wait()
        log.close()
    until(
        lambda: not store.runs(statuses=("queued", "running")), PATIENCE_S
    )  # begun by those killed
    told = (tmp_path / "log.txt").read_text()
    _nothing_was_missed_or_doubled(store, told)
    store.close()


def _is_enough(store: Store) -> bool:
    """Whether they lived long enough, on a slow machine too, to have asked several times."""
    time.sleep(0.2)
    asked = [run for run in store.runs(limit=1000) if run.origin == "sensor:counting"]
    return len(asked) > 3 and len(store.ticks("each_minute_schedule", limit=1000)) > 3


def _nothing_was_missed_or_doubled(store: Store, told: str) -> None:
    assert "Traceback" not in told, told
    runs = store.runs(limit=100_000)
    assert {run.status for run in runs} == {"succeeded"}, told  # they are sessions of their own
    ticks = sorted(t.happened_at for t in store.ticks("each_minute_schedule", limit=100_000))
    assert len(ticks) > 3
    assert {later - earlier for earlier, later in pairwise(ticks)} == {timedelta(minutes=1)}
    of_schedule = [r.target.partition for r in runs if r.origin.startswith("schedule:")]
    assert sorted(str(name) for name in of_schedule) == [
        f"{tick - timedelta(minutes=1):%Y-%m-%d-%H:%M}" for tick in ticks
    ]
    numbers = sorted(int(r.tags["number"]) for r in runs if r.origin == "sensor:counting")
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > 3
    asked = Counter(r.target.partition for r in runs if r.origin == "automation")
    assert set(asked.values()) == {1}
    assert len(asked) >= len(ticks)
