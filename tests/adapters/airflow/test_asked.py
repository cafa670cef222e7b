"""Whether a DAG run is a part of the run of ours that its configuration names."""

from collections.abc import Iterator
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.airflow.asked import run_asking
from bridge import AssetKey
from bridge.errors import ConfigError
from bridge.runs import RemotePart, RemoteRun, Run, RunTarget
from bridge.store import Store, open_store

NOW = datetime(2024, 1, 1, tzinfo=timezone.utc)
ORDERS = AssetKey("orders")


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    run = Run(id="abc", status="queued", created_at=NOW, target=RunTarget(assets=(ORDERS,)))
    opened.enqueue([run])
    parts = (
        RemotePart(stage=0, name="shop", id="bridge__abc", assets=(ORDERS,)),
        RemotePart(stage=1, name="reports", id="", assets=(ORDERS,), is_range=True),
    )
    opened.begin_remote_run("abc", RemoteRun(place="airflow:eu", parts=parts), now=NOW)
    yield opened
    opened.close()


def context(dag_id: str, run_id: str, conf: Any) -> dict[str, Any]:
    return {
        "dag_run": SimpleNamespace(conf=conf),
        "ti": SimpleNamespace(dag_id=dag_id, run_id=run_id),
    }


@pytest.mark.parametrize(
    ("dag_id", "run_id"), [("shop", "bridge__abc"), ("reports", "backfill__2024-01-01")]
)
def test_a_part_that_the_run_knows_of_belongs_to_it(store: Store, dag_id: str, run_id: str) -> None:
    found = run_asking(context(dag_id, run_id, {"run": "abc"}), store, "eu")

    assert found is not None
    assert found.id == "abc"


@pytest.mark.parametrize(
    ("dag_id", "run_id", "conf"),
    [
        ("shop", "manual__1", {"run": "abc"}),
        ("other", "bridge__abc", {"run": "abc"}),
        ("shop", "bridge__abc", {"run": "unknown"}),
        ("shop", "bridge__abc", {"run": 7}),
        ("shop", "bridge__abc", None),
    ],
)
def test_what_only_says_so_does_not(store: Store, dag_id: str, run_id: str, conf: Any) -> None:
    assert run_asking(context(dag_id, run_id, conf), store, "eu") is None


def test_an_airflow_that_has_another_name_inside_is_told(store: Store) -> None:
    with pytest.raises(ConfigError, match=r"airflow:eu.*airflow:airflow.*BRIDGE_AIRFLOW_INSTANCE"):
        run_asking(context("shop", "bridge__abc", {"run": "abc"}), store, "airflow")
