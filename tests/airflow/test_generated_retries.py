"""Who retries a generated task: Airflow does, as the asset's retry policy says, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from adapters.airflow.source import parse_task_source
from bridge.store import Store, open_store
from tests.airflow.generated_project import ShopProject, shop_project
from tests.airflow.live.in_process import DagTestAirflow
from tests.airflow.test_generated import dag_bag

pytestmark = pytest.mark.airflow

DAG = "default__assets"
_DEFINITIONS = '''
"""One asset fails for ever, one says that a retry is of no use, one says what Airflow is to do."""
from bridge import Backoff, Config, Definitions, Failure, RetryPolicy, asset

TAGS = {"airflow/queue": "big", "airflow/priority_weight": "7", "airflow/execution_timeout_s": "90"}


@asset(retry_policy=RetryPolicy(max_retries=1))
def broken() -> None:
    raise ValueError("broken")


@asset(retry_policy=RetryPolicy(max_retries=1))
def hopeless() -> None:
    raise Failure("there is no such table", allow_retries=False)


class Limits(Config):
    at_most: int


@asset(retry_policy=RetryPolicy(max_retries=1))
def unsettled(config: Limits) -> int:
    return config.at_most


@asset(
    tags=TAGS,
    pool="default_pool",
    retry_policy=RetryPolicy(max_retries=4, delay=1.5, backoff=Backoff.EXPONENTIAL),
)
def told() -> int:
    return 1


defs = Definitions([broken, hopeless, unsettled, told])
'''


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ShopProject:
    return shop_project(tmp_path_factory.mktemp("retries"), "generated_retries", _DEFINITIONS)


@pytest.fixture
def store(tmp_path: Path, project: ShopProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("BRIDGE_PROJECT", str(project.project.root))
    monkeypatch.setenv("BRIDGE_STORE", url)
    opened = open_store(url)
    yield opened
    opened.close()


def said(task: Any) -> dict[str, Any]:
    names = "pool", "queue", "priority_weight", "retries", "retry_delay", "execution_timeout"
    return {name: getattr(task, name) for name in names}


def test_tasks_have_the_settings_of_their_assets(project: ShopProject, tmp_path: Path) -> None:
    project.write_loader(tmp_path)

    for bag in (dag_bag(project.project.generated), dag_bag(tmp_path)):
        assert bag.import_errors == {}
        task = bag.dags[DAG].get_task("told")
        assert said(task) == {
            "pool": "default_pool",
            "queue": "big",
            "priority_weight": 7,
            "retries": 4,
            "retry_delay": timedelta(seconds=1.5),
            "execution_timeout": timedelta(seconds=90),
        }
        assert task.retry_exponential_backoff


def test_each_call_is_a_try_of_airflows_and_what_cannot_get_better_is_not_tried_again(
    dag_test_airflow: DagTestAirflow, project: ShopProject, store: Store
) -> None:
    date = datetime(2024, 5, 1, tzinfo=timezone.utc)

    run = dag_test_airflow.run(dag_test_airflow.dag(project.rendered[DAG], DAG), date, None)

    failed = [each.event for each in store.events(kinds=("failure",))]
    tries: dict[str, list[int]] = {}
    for event in reversed(failed):
        source = parse_task_source(event.source)
        assert source is not None
        tries.setdefault(str(event.key), []).append(source.try_number)
    assert tries == {"broken": [1, 2], "hopeless": [1], "unsettled": [1]}
    assert run.task_states.pop("told") == "success"
    assert set(run.task_states.values()) == {"failed"}
