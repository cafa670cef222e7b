"""The pages of tasks, in both versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.airflow.api.pages import task_page, task_pages
from adapters.airflow.source import TaskSource
from bridge.project import find_project

RUN = "scheduled__2024-01-02T00:00:00+00:00"


def task(map_index: int = -1, run_id: str = RUN) -> TaskSource:
    return TaskSource(
        instance="eu",
        dag_id="shop__assets",
        run_id=run_id,
        task_id="shop.orders",
        map_index=map_index,
        try_number=2,
    )


def test_airflow_3_has_a_page_for_each_try() -> None:
    run = "http://airflow/dags/shop__assets/runs/scheduled__2024-01-02T00%3A00%3A00%2B00%3A00"

    assert task_page(task(), "http://airflow/", is_v3=True) == (
        f"{run}/tasks/shop.orders?try_number=2"
    )
    assert task_page(task(3), "http://airflow", is_v3=True) == (
        f"{run}/tasks/shop.orders/mapped/3?try_number=2"
    )


def test_airflow_2_shows_the_task_in_the_grid_of_its_time() -> None:
    grid = "https://host/base/dags/shop__assets/grid?dag_run_id="
    date = "2024-01-02T00%3A00%3A00%2B00%3A00"

    assert task_page(task(), "https://host/base", is_v3=False) == (
        f"{grid}scheduled__{date}&task_id=shop.orders&base_date={date}&tab=logs"
    )
    assert task_page(task(0, "by/hand"), "https://host/base", is_v3=False) == (
        f"{grid}by%2Fhand&task_id=shop.orders&map_index=0&tab=logs"
    )


@pytest.mark.parametrize(
    "settings", ["", "[airflow.eu]\n", '[airflow.eu]\nurl = "http://127.0.0.1:1"\n']
)
def test_there_is_no_page_where_no_airflow_answers(settings: str, tmp_path: Path) -> None:
    (tmp_path / "bridge.toml").write_text(settings)

    assert task_pages([str(task()), "bridge:r/1"], find_project(tmp_path)) == {}
