"""What goes wrong in a real scheduler, and what is known of it afterwards.

One run has a check that fails, a process that is killed and a task that fails once; another maps
partitions, and a third has no store.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import httpx
import pytest

from adapters.airflow.source import TaskSource, parse_task_source
from bridge.events import AssetEvent, EventKind
from bridge.keys import AssetKey
from bridge.store import Store, open_store
from tests.airflow.generated_project import ShopProject, shop_project
from tests.airflow.live.instance import LiveAirflow

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

DAG, MAPPED, OFFLINE = "failing__assets", "failing_mapped", "failing_offline"
DAY, OFFLINE_DAY = "2024-01-02", "2024-01-20"
_DEFINITIONS = '''
"""Assets that go wrong in their first try, and one whose check fails for good."""
import os
import signal
from pathlib import Path

from bridge import DailyPartitionsDefinition, Definitions, RetryPolicy, asset, asset_check

FOLDER = Path(__file__).parents[1]
facts = {
    "key_prefix": "failing",
    "group_name": "failing",
    "partitions_def": DailyPartitionsDefinition("2024-01-01", "2024-03-01"),
}
once = RetryPolicy(max_retries=1)


def is_first(name):
    """Whether this is its first try."""
    try:
        (FOLDER / f"{name}.begun").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@asset(**facts)
def unfit() -> int:
    return 0


@asset_check(asset=unfit, blocking=True)
def fits(unfit):
    return unfit > 0


@asset(**facts)
def after_unfit(unfit: int) -> int:
    return unfit


@asset(retry_policy=once, **facts)
def killed() -> int:
    if is_first("killed"):
        os.kill(os.getpid(), signal.SIGKILL)
    return 1


@asset(retry_policy=once, **facts)
def retried() -> int:
    if is_first("retried"):
        raise ValueError("not this time")
    return 1


@asset(**facts)
def after_both(killed: int, retried: int) -> int:
    return killed + retried


@asset(**facts)
def mapped(context) -> str:
    if context.partition_key == "2024-01-04" and is_first("mapped"):
        raise ValueError("not the fourth")
    return context.partition_key


defs = Definitions([unfit, after_unfit, killed, retried, after_both, mapped], [fits])
'''
_MAPPED = """
from datetime import datetime

from adapters.airflow.compat import DAG
from adapters.airflow.runtime import run_asset

try:
    from airflow.sdk import get_current_context, task
except ImportError:
    from airflow.decorators import task
    from airflow.operators.python import get_current_context


@task(retries=1, retry_delay=0)
def compute(day):
    return run_asset("failing/mapped", get_current_context(), partition=day)


with DAG("failing_mapped", start_date=datetime(2024, 1, 1), schedule=None) as dag:
    compute.expand(day=["2024-01-03", "2024-01-04", "2024-01-05"])
"""
_OFFLINE = """
from datetime import datetime

from adapters.airflow.compat import DAG
from adapters.airflow.runtime import AssetOperator

with DAG("failing_offline", start_date=datetime(2024, 1, 1), schedule=None) as dag:
    AssetOperator(task_id="unfit", asset_key="failing/unfit")
"""
_PATIENCE_S = 300  # for some fifteen tasks, on a machine that does other things


@dataclass(frozen=True)
class Ended:
    """The runs, once all of them have ended."""

    airflow: LiveAirflow
    store: Store
    runs: dict[str, str]
    states: dict[str, str]

    def events(self, name: str, kind: EventKind) -> list[AssetEvent]:
        """What was recorded of an asset, the first first."""
        key = AssetKey(["failing", name])
        return [each.event for each in reversed(self.store.events(key, kinds=(kind,)))]

    def tries(self, name: str, kind: EventKind) -> list[int]:
        """In which tries that was."""
        return [source(event).try_number for event in self.events(name, kind)]


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> ShopProject:
    return shop_project(tmp_path_factory.mktemp("failing"), "assets_that_fail", _DEFINITIONS)


@pytest.fixture(scope="module")
def ended(
    failing: ShopProject, live_airflow: LiveAirflow, live_environment: dict[str, str]
) -> Iterator[Ended]:
    here = f"import os\n\nos.environ['BRIDGE_PROJECT'] = {str(failing.project.root)!r}\n"
    nowhere = "os.environ['BRIDGE_STORE'] = 'postgresql+psycopg2://nobody@127.0.0.1:1/none'\n"
    files = {
        DAG: here + failing.rendered[DAG].read_text(),
        MAPPED: here + _MAPPED,
        OFFLINE: here + nowhere + _OFFLINE,
    }
    days = {DAG: DAY, MAPPED: None, OFFLINE: OFFLINE_DAY}
    runs, noon = {}, datetime(2024, 1, 3, 12, tzinfo=timezone.utc)
    for dag_id, text in files.items():
        live_airflow.write_dag(f"{dag_id}.py", text)
    for dag_id in files:
        live_airflow.wait_for_dag(dag_id)
        live_airflow.unpause(dag_id)
        conf = {} if days[dag_id] is None else {"partition": days[dag_id]}
        runs[dag_id] = live_airflow.trigger(dag_id, noon, conf)
    states = {
        dag_id: live_airflow.wait_for_run(dag_id, run, _PATIENCE_S) for dag_id, run in runs.items()
    }
    with closing(open_store(live_environment["BRIDGE_STORE"])) as store:
        yield Ended(live_airflow, store, runs, states)


def source(event: AssetEvent) -> TaskSource:
    found = parse_task_source(event.source)
    assert found is not None
    return found


def test_a_blocking_check_that_fails_stops_what_is_downstream_and_no_other_branch(
    ended: Ended,
) -> None:
    states = ended.airflow.task_states(DAG, ended.runs[DAG])

    assert ended.states[DAG] == "failed"
    assert states["failing.unfit"] == "success"
    assert states["failing.unfit-check-fits"] == "failed"
    assert states["failing.after_unfit"] == "upstream_failed"
    assert states["failing.after_both"] == "success"
    assert ended.events("after_unfit", "started") == []
    [answer] = ended.events("unfit", "check")
    assert answer.check is not None
    assert answer.check.stops_downstream


def test_the_retry_of_a_killed_process_takes_its_claim_over(ended: Ended) -> None:
    assert ended.tries("killed", "started") == [1, 2]
    assert ended.tries("killed", "materialization") == [2]
    assert ended.store.claims() == []


def test_both_tries_of_a_retried_task_are_known_and_the_last_counts(ended: Ended) -> None:
    assert ended.tries("retried", "failure") == [1]
    assert ended.tries("retried", "materialization") == [2]
    key = AssetKey(["failing", "retried"])
    assert ended.store.asset_states([key])[key].activity == "materialization"


def test_mapped_tasks_compute_a_partition_each_under_their_own_names(ended: Ended) -> None:
    assert ended.states[MAPPED] == "success"
    of_index = {
        source(event).map_index: event
        for event in ended.events("mapped", "materialization")
        if source(event).dag_id == MAPPED
    }
    assert {index: event.partition for index, event in of_index.items()} == {
        0: "2024-01-03",
        1: "2024-01-04",
        2: "2024-01-05",
    }
    assert {index: source(event).try_number for index, event in of_index.items()} == {
        0: 1,
        1: 2,
        2: 1,
    }


def test_without_a_store_a_task_fails_and_nothing_is_written(
    ended: Ended, live_environment: dict[str, str]
) -> None:
    run_id = ended.runs[OFFLINE]

    assert ended.states[OFFLINE] == "failed"
    assert "127.0.0.1:1/none" in ended.airflow.logs(OFFLINE, run_id, "unfit")
    partitions = {each.partition for each in ended.events("unfit", "started")}
    assert partitions == {DAY}  # of the run that has a store
    assert list(Path(live_environment["BRIDGE_STORAGE"]).rglob(f"*unfit*/{OFFLINE_DAY}*")) == []


def test_show_says_where_to_read_the_log_of_each_try(ended: Ended, failing: ShopProject) -> None:
    settings = failing.project.root / "bridge.toml"
    settings.write_text(f'{settings.read_text()}\n[airflow.airflow]\nurl = "{ended.airflow.url}"\n')

    shown = subprocess.run(
        [sys.executable, "-m", "bridge", "show", "failing/retried"],
        env={**ended.airflow.env, "BRIDGE_PROJECT": str(failing.project.root)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    pages = [line.strip() for line in shown.splitlines() if line.strip().startswith("http")]
    assert len(pages) == 2  # of the try that failed, and of the one that did not
    for page in pages:
        # shown, or after a login: an address that is none is not found
        assert httpx.get(page).status_code in (200, 302)


def test_a_cleared_task_is_another_materialization_of_the_same_run(ended: Ended) -> None:
    run_id = ended.runs[DAG]
    [before] = ended.events("retried", "materialization")

    ended.airflow.clear(DAG, run_id, ["failing.retried"])
    ended.airflow.wait_for_run(DAG, run_id, _PATIENCE_S)

    first, second = ended.events("retried", "materialization")
    assert first == before
    assert second.run_id == first.run_id
    assert second.happened_at > first.happened_at
    assert source(second).try_number == 3
