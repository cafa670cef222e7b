"""A run that asks for some assets of its DAG, and a run of ours that asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.airflow.compat import Asset
from adapters.airflow.telling import keep_outlets
from adapters.airflow.uris import asset_uri
from bridge import AssetKey, AssetSpec
from bridge.store import Store, open_store
from tests.airflow.generated_project import DAILY, ShopProject, shop_project
from tests.airflow.live.in_process import DagTestAirflow, TestedRun

pytestmark = pytest.mark.airflow

# 2.11 cannot run a date of a DAG twice in one process.
DATES = (datetime(2025, 9, day, tzinfo=ZoneInfo("Europe/Zurich")) for day in count(1))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> ShopProject:
    return shop_project(tmp_path_factory.mktemp("asked"), "generated_asked")


@pytest.fixture
def store(tmp_path: Path, shop: ShopProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("BRIDGE_PROJECT", str(shop.project.root))
    monkeypatch.setenv("BRIDGE_STORE", url)
    opened = open_store(url)
    yield opened
    opened.close()


def run(airflow: DagTestAirflow, shop: ShopProject, conf: dict[str, Any]) -> TestedRun:
    dag = airflow.dag(shop.rendered[DAILY], DAILY)
    return airflow.run(dag, next(DATES), {"partition": "2024-03-01", **conf})


def made(store: Store) -> set[str]:
    found = store.events(kinds=("materialization", "check", "started"))
    return {str(each.event.key) for each in found}


def test_what_was_not_asked_for_is_not_made_and_holds_nothing_up(
    dag_test_airflow: DagTestAirflow, shop: ShopProject, store: Store
) -> None:
    upstream = run(dag_test_airflow, shop, {"assets": ["shop/orders"]})
    before = made(store)
    rest = run(dag_test_airflow, shop, {"assets": ["shop/refunds", "shop/revenue"]})

    assert set(upstream.task_states.values()) == {"success"}
    assert before == {"shop/orders"}
    assert rest.state == "success"
    assert made(store) == {"shop/orders", "shop/refunds", "shop/revenue"}
    assert len(store.events(AssetKey(["shop", "orders"]), kinds=("materialization",))) == 1


@pytest.mark.parametrize("assets", [["shop/typo"], "shop/orders"])
def test_asking_for_what_the_dag_does_not_have_fails_at_once(
    dag_test_airflow: DagTestAirflow, shop: ShopProject, store: Store, assets: Any
) -> None:
    ended = run(dag_test_airflow, shop, {"assets": assets})

    assert ended.state == "failed"
    assert made(store) == set()


def test_a_task_keeps_the_outlets_of_what_it_made() -> None:
    one, other = AssetSpec("one"), AssetSpec("other")
    outlets = [Asset(uri=asset_uri(spec.key, spec.uri)) for spec in (one, other)]
    task = SimpleNamespace(outlets=outlets)
    context = {"task": task, "ti": SimpleNamespace(task=task)}

    keep_outlets(context, [other])

    assert [outlet.uri for outlet in task.outlets] == [outlets[1].uri]
