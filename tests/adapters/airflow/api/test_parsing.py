"""Rows of both REST versions, as recorded from 2.11.2 and 3.3.2."""

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from adapters.airflow.api import parsing

RECORDED = Path(__file__).with_name("recorded")
SECOND_DAY = datetime(2024, 1, 2, tzinfo=timezone.utc)

both = pytest.mark.parametrize("api", ["v1", "v2"])


def recorded(api: str, listing: str, name: str) -> list[Any]:
    found: list[Any] = json.loads((RECORDED / f"{api}.json").read_text())[listing][name]
    return found


@both
def test_task_instances_of_both_versions_read_the_same(api: str) -> None:
    read = parsing.parsed(recorded(api, "taskInstances", "task_instances"), parsing.task_instance)

    assert read.bad == ()
    assert [(t.task_id, t.map_index, t.state, t.try_number) for t in read.good] == [
        ("stage", -1, "success", 1),
        ("per_airport", 1, "success", 1),
        ("broken", -1, "failed", 1),
        ("stage", -1, "success", 1),
    ]
    stage = read.good[0]
    assert (stage.run_id, stage.operator) == ("by_hand:2nd+1", "_PythonDecoratedOperator")
    assert stage.start is not None
    assert stage.end is not None
    assert stage.start < stage.end
    assert stage.run_position is not None


@both
def test_runs_of_both_versions_read_the_same(api: str) -> None:
    by_hand, dateless = parsing.parsed(recorded(api, "dagRuns", "dag_runs"), parsing.dag_run).good

    assert (by_hand.logical_date, by_hand.data_interval_start) == (SECOND_DAY, SECOND_DAY)
    assert (by_hand.run_type, by_hand.state) == ("manual", "failed")
    assert (dateless.logical_date is None) == (api == "v2")


@both
def test_the_position_of_a_task_instance_is_that_of_its_run(api: str) -> None:
    instance = parsing.task_instance(recorded(api, "taskInstances", "task_instances")[0])
    run = parsing.dag_run(recorded(api, "dagRuns", "dag_runs")[0])

    assert instance.run_position == (run.logical_date if api == "v1" else run.run_after)


@both
def test_earlier_tries_read_like_the_latest(api: str) -> None:
    tries = parsing.parsed(recorded(api, "tries", "task_instances"), parsing.task_instance).good

    assert {(t.try_number, t.state) for t in tries} == {(1, "failed"), (2, "success")}


@both
def test_dags_and_tasks_of_both_versions_read_the_same(api: str) -> None:
    dag = parsing.dag(recorded(api, "dags", "dags")[0])
    tasks = [parsing.task_of("observed_work")(row) for row in recorded(api, "tasks", "tasks")]

    assert (dag.dag_id, dag.is_paused, dag.owners, dag.tags) == (
        "observed_work",
        False,
        ("data",),
        ("observed",),
    )
    assert {(t.task_id, t.is_mapped, t.operator) for t in tasks} == {
        ("stage", False, "_PythonDecoratedOperator"),
        ("per_airport", True, "_PythonDecoratedOperator"),
    }


def test_a_row_that_does_not_parse_is_set_aside_with_its_name_and_the_reason() -> None:
    good = recorded("v1", "taskInstances", "task_instances")[0]

    read = parsing.parsed([{**good, "end_date": "yesterday"}, good], parsing.task_instance)

    assert [t.task_id for t in read.good] == ["stage"]
    assert read.bad[0].what == "observed_work/by_hand:2nd+1/stage/-1"
    assert read.bad[0].of == ("observed_work", "by_hand:2nd+1", "stage")
    assert read.bad[0].why.startswith("end_date: ")


@pytest.mark.parametrize("row", [None, "text", [], {}, {"dag_id": 1}])
def test_what_is_no_row_at_all_is_set_aside_too(row: Any) -> None:
    read = parsing.parsed([row], parsing.task_instance)

    assert (read.good, len(read.bad)) == ((), 1)


def test_a_time_without_a_zone_is_not_guessed() -> None:
    good = recorded("v1", "taskInstances", "task_instances")[0]

    read = parsing.parsed([{**good, "start_date": "2024-01-02T00:00:00"}], parsing.task_instance)

    assert "timezone" in read.bad[0].why
