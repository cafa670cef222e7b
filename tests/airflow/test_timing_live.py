"""How runs of generated DAGs begin in a real Airflow, and which partition each is about."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from adapters.airflow.compat import IS_AIRFLOW_3
from bridge.store import open_store
from tests.airflow.generated_project import ShopProject, shop_project
from tests.airflow.live.instance import LiveAirflow
from tests.airflow.test_generated import ended

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

TODAY = datetime.now(timezone.utc).date()
FIRST = TODAY - timedelta(days=400)
YESTERDAY = str(TODAY - timedelta(days=1))
_TIMED = f'''
"""An asset by day, whose schedule makes up for missed days, and some that follow legacy tables."""
from bridge import (
    AssetSpec, AutomationCondition, DailyPartitionsDefinition, Definitions, asset,
    build_schedule_from_partitioned_job, define_asset_job,
)

days = DailyPartitionsDefinition("{FIRST}")


@asset(partitions_def=days)
def counted() -> int:
    return 1


@asset(group_name="after", deps=["landed"])
def cleaned() -> int:
    return 1


def news(key):
    updated = AutomationCondition.newly_updated()
    return AutomationCondition.asset_matches(key, updated).since_last_handled()


tables = ["landed", "brought"]
landing = [AssetSpec(name, uri=f"s3://lake/{{name}}") for name in tables]
any_of_them = AutomationCondition.any_deps_updated()


@asset(group_name="either", deps=tables, automation_condition=any_of_them)
def either() -> int:
    return 1


@asset(group_name="both", deps=tables, automation_condition=news("landed") & news("brought"))
def both() -> int:
    return 1


nightly = define_asset_job("nightly", "counted")
defs = Definitions(
    [counted, cleaned, either, both, *landing],
    jobs=[nightly],
    schedules=[build_schedule_from_partitioned_job(nightly)],
)
'''
_BY_HAND = """
from datetime import datetime

from adapters.airflow.compat import DAG, Asset, BaseOperator


class Nothing(BaseOperator):
    def execute(self, context):
        pass


with DAG("lander", start_date=datetime(2020, 1, 1), schedule=None):
    Nothing(task_id="land", outlets=[Asset("s3://lake/landed")])
with DAG("bringer", start_date=datetime(2020, 1, 1), schedule=None):
    Nothing(task_id="bring", outlets=[Asset("s3://lake/brought")])
with DAG("follower", start_date=datetime(2020, 1, 1), schedule=[Asset("x-bridge://cleaned")]):
    Nothing(task_id="follow")
"""
_KEYED = f'''
"""Partitions by day, the same of another DAG, and a report of any."""
from bridge import DailyPartitionsDefinition, Definitions, asset

days = DailyPartitionsDefinition("{FIRST}", timezone="Europe/Zurich")


@asset(group_name="keyed_first", partitions_def=days)
def keyed_first() -> int:
    return 1


@asset(group_name="keyed_then", partitions_def=days)
def keyed_then(keyed_first: int) -> int:
    return keyed_first + 1


@asset(group_name="keyed_report", deps=[keyed_first, keyed_then])
def keyed_report() -> int:
    return 1


defs = Definitions([keyed_first, keyed_then, keyed_report])
'''
_PLAIN = """
from datetime import datetime

from adapters.airflow.compat import DAG, Asset, BaseOperator

with DAG("plain", start_date=datetime(2020, 1, 1), schedule=[Asset("x-bridge://keyed_first")]):
    BaseOperator(task_id="never")
"""


def deployed(live: LiveAirflow, shop: ShopProject, by_hand: str, *more: str) -> None:
    """Put the DAGs of a project, and others, into the Airflow, which serves another project."""
    here = f"import os\n\nos.environ['BRIDGE_PROJECT'] = {str(shop.project.root)!r}\n"
    for file in shop.rendered.values():
        live.write_dag(file.name, here + file.read_text())
    live.write_dag(f"{shop.package}_by_hand.py", by_hand)
    for dag_id in (*shop.rendered, *more):
        live.wait_for_dag(dag_id)
        live.unpause(dag_id)


def made(environment: dict[str, str], key: str, wanted: Iterable[str | None]) -> set[str | None]:
    """The partitions of an asset that were materialized, once those wanted are there."""
    deadline = time.monotonic() + 180
    with closing(open_store(environment["BRIDGE_STORE"])) as store:
        while True:
            recorded = store.events(key, kinds=("materialization",))
            found = {each.event.partition for each in recorded}
            if found >= {*wanted} or time.monotonic() > deadline:
                return found
            time.sleep(0.5)


def backfilled(live: LiveAirflow, dag_id: str, first: str, last: str) -> None:
    """Let Airflow 3 fill in the runs of some days itself."""
    live.request(
        "POST",
        "/backfills",
        json={
            "dag_id": dag_id,
            "from_date": f"{first}T00:00:00Z",
            "to_date": f"{last}T00:00:00Z",
            "reprocess_behavior": "none",
        },
    )


def runs_of(live: LiveAirflow, dag_id: str) -> int:
    total = live.request("GET", f"/dags/{dag_id}/dagRuns")["total_entries"]
    assert isinstance(total, int)
    return total


def test_a_partition_reaches_its_asset_whichever_way_the_run_came(
    live_airflow: LiveAirflow, live_environment: dict[str, str], tmp_path: Path
) -> None:
    shop = shop_project(tmp_path, "timed_shop", _TIMED, 'automation = "airflow"')
    deployed(live_airflow, shop, _BY_HAND, "lander", "bringer", "follower")

    live_airflow.trigger("nightly", conf={"partition": str(FIRST)})
    live_airflow.trigger("lander")
    wanted = {str(FIRST), YESTERDAY}
    if live_airflow.is_v3:
        filled = [str(FIRST + timedelta(days=days)) for days in (5, 6)]
        backfilled(live_airflow, "nightly", *filled)
        wanted.update(filled)

    assert made(live_environment, "counted", wanted) == wanted
    assert ended(live_airflow, "nightly", "scheduled")["state"] == "success"
    # A legacy table starts a DAG of ours, and an asset of ours a legacy DAG.
    assert made(live_environment, "cleaned", [None]) == {None}
    assert ended(live_airflow, "follower", None)["state"] == "success"
    # Conditions as news of assets: of one of them, and of both.
    assert made(live_environment, "either", [None]) == {None}
    assert runs_of(live_airflow, "both__assets") == 0
    live_airflow.trigger("bringer")
    assert made(live_environment, "both", [None]) == {None}
    assert runs_of(live_airflow, "both__assets") == 1


@pytest.mark.skipif(not IS_AIRFLOW_3, reason="Airflow 2.11 has no partition keys; nox -s airflow3")
def test_with_partition_keys_events_carry_them_from_dag_to_dag(
    live_airflow: LiveAirflow, live_environment: dict[str, str], tmp_path: Path
) -> None:
    settings = 'target = "3", partitions = "keys"'
    shop = shop_project(tmp_path, "keyed_shop", _KEYED, settings)
    deployed(live_airflow, shop, _PLAIN, "plain")
    first, then, report = (f"keyed_{name}__assets" for name in ("first", "then", "report"))
    by_hand, in_conf, filled = (str(FIRST + timedelta(days=days)) for days in (1, 9, 5))

    live_airflow.trigger(first, partition_key=by_hand)
    live_airflow.trigger(first, conf={"partition": in_conf})
    backfilled(live_airflow, first, filled, filled)

    found = made(live_environment, "keyed_first", {by_hand, in_conf, filled})
    scheduled = ended(live_airflow, first, "scheduled")["partition_key"]
    keyed = {by_hand, filled, scheduled}
    assert found | {scheduled} == {*keyed, in_conf}
    assert made(live_environment, "keyed_then", keyed) == keyed
    assert made(live_environment, "keyed_report", [None]) == {None}
    runs = live_airflow.request("GET", f"/dags/{then}/dagRuns")["dag_runs"]
    assert {run["partition_key"] for run in runs} == keyed
    assert ended(live_airflow, report, None)["partition_key"] == "any"
    # A plain schedule of assets is started by one event only, of the run without a key.
    assert runs_of(live_airflow, "plain") == 1
