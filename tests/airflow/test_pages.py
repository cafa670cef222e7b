"""Our links to Airflow's pages are Airflow's own."""

from __future__ import annotations

from datetime import datetime, timezone
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest

from adapters.airflow.api.pages import task_page
from adapters.airflow.compat import IS_AIRFLOW_3
from adapters.airflow.source import TaskSource

pytestmark = pytest.mark.airflow


@pytest.mark.parametrize("map_index", [-1, 3])
def test_a_task_is_where_airflow_says_that_its_log_is(map_index: int) -> None:
    from airflow.models.taskinstance import TaskInstance  # noqa: PLC0415 - not without Airflow

    names = {
        "dag_id": "shop__assets",
        "run_id": "scheduled__2024-01-02T00:00:00+00:00",
        "task_id": "shop.orders",
        "map_index": map_index,
        "try_number": 2,
    }
    dated = SimpleNamespace(execution_date=datetime(2024, 1, 2, tzinfo=timezone.utc), **names)
    theirs = urlsplit(TaskInstance.log_url.fget(dated))
    ours = urlsplit(
        task_page(TaskSource(instance="eu", **names), "http://here:8080", is_v3=IS_AIRFLOW_3)
    )

    assert ours.path == theirs.path
    assert _without_date(ours.query) == _without_date(theirs.query)


def _without_date(query: str) -> dict[str, str]:
    """Both have the date, in two spellings."""
    said = dict(parse_qsl(query))
    return said if IS_AIRFLOW_3 else {**said, "base_date": said["base_date"][:10]}
