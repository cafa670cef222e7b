"""Generated tasks of functions that make several assets, or answer several checks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bridge.events import EventKind
from bridge.store import Store, open_store
from tests.airflow.generated_project import ShopProject, shop_project
from tests.airflow.live.in_process import DagTestAirflow, TestedRun

pytestmark = pytest.mark.airflow

DAG = "default__assets"
_DEFINITIONS = '''
"""One function makes three assets, and may leave two out; `behaviour.json` says which."""
import json
from pathlib import Path

from bridge import (
    AssetCheckResult, AssetCheckSpec, AssetOut, AssetSpec, Definitions, MaterializeResult, asset,
    asset_check, multi_asset, multi_asset_check,
)

FOLDER = Path(__file__).parents[1]


def behaves(name):
    return name in json.loads((FOLDER / "behaviour.json").read_text())


@multi_asset(
    specs=[
        AssetSpec("always"),
        AssetSpec("rarely", skippable=True),
        AssetSpec("sometimes", skippable=True),
    ]
)
def load():
    yield MaterializeResult(asset_key="always")
    if not behaves("no rarely"):
        yield MaterializeResult(asset_key="rarely")
    if not behaves("no sometimes"):
        yield MaterializeResult(asset_key="sometimes")


def reader(name, deps, **settings):
    @asset(name=name, deps=deps, **settings)
    def reads():
        return 1

    return reads


@asset(output_required=False)
def alone():
    if not behaves("no alone"):
        yield MaterializeResult()


@asset_check(asset="rarely")
def is_rare():
    return True


@multi_asset_check(
    specs=[AssetCheckSpec(name, "always", blocking=True) for name in ("fits", "is_right")]
)
def look():
    yield AssetCheckResult(passed=True, check_name="fits")
    yield AssetCheckResult(passed=not behaves("wrong"), check_name="is_right")


defs = Definitions(
    [
        load,
        alone,
        reader("of_always", ["always"]),
        reader("of_rarely", ["rarely"]),
        reader("of_sometimes", ["sometimes", "always"]),
        reader("of_alone", ["alone"]),
    ],
    [is_rare, look],
)
'''
WENT_WELL = dict.fromkeys(
    (
        "always-by-load",
        "always-checks-fits",
        "rarely-check-is_rare",
        "sometimes-made-",
        "alone",
        "of_always",
        "of_rarely",
        "of_sometimes",
        "of_alone",
    ),
    "success",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ShopProject:
    return shop_project(tmp_path_factory.mktemp("load"), "load_together", _DEFINITIONS)


@pytest.fixture
def store(tmp_path: Path, project: ShopProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("BRIDGE_PROJECT", str(project.project.root))
    monkeypatch.setenv("BRIDGE_STORE", url)
    opened = open_store(url)
    yield opened
    opened.close()
    project.behave()


def run(airflow: DagTestAirflow, project: ShopProject, day: int) -> TestedRun:
    date = datetime(2024, 3, day, tzinfo=timezone.utc)
    return airflow.run(airflow.dag(project.rendered[DAG], DAG), date, None)


def recorded(store: Store, kind: EventKind) -> set[str]:
    return {str(each.event.key) for each in store.events(kinds=(kind,))}


def test_one_task_records_all_assets_of_its_function(
    dag_test_airflow: DagTestAirflow, project: ShopProject, store: Store
) -> None:
    tested = run(dag_test_airflow, project, 1)

    assert tested.task_states == WENT_WELL
    made = {str(e.event.key): e.event.source for e in store.events(kinds=("materialization",))}
    assert set(made) == {"always", "rarely", "sometimes", "alone"} | {
        f"of_{name}" for name in ("always", "rarely", "sometimes", "alone")
    }
    assert made["always"] == made["rarely"] == made["sometimes"]
    answers = {e.event.check.name for e in store.events(kinds=("check",)) if e.event.check}
    assert answers == {"fits", "is_right", "is_rare"}


def test_what_reads_a_left_out_asset_is_skipped_and_nothing_else(
    dag_test_airflow: DagTestAirflow, project: ShopProject, store: Store
) -> None:
    project.behave("no rarely", "no sometimes", "no alone")

    tested = run(dag_test_airflow, project, 2)

    skipped = {name for name, state in tested.task_states.items() if state == "skipped"}
    assert skipped == {
        "rarely-check-is_rare",
        "of_rarely",
        "sometimes-made-",
        "of_sometimes",
        "alone",
        "of_alone",
    }
    assert tested.state == "success"
    assert recorded(store, "materialization") == {"always", "of_always"}
    assert recorded(store, "failure") == set()
    assert store.claims() == []


def test_one_wrong_answer_of_a_function_holds_back_what_reads_its_asset(
    dag_test_airflow: DagTestAirflow, project: ShopProject, store: Store
) -> None:
    project.behave("wrong")

    tested = run(dag_test_airflow, project, 3)

    assert tested.task_states["always-checks-fits"] == "failed"
    assert tested.task_states["of_always"] == "upstream_failed"
    assert tested.task_states["of_rarely"] == "success"
    answers = {e.event.check.name: e.event.check.passed for e in store.events() if e.event.check}
    assert answers == {"fits": True, "is_right": False, "is_rare": True}
