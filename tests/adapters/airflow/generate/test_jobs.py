"""Jobs as DAGs: what is in them, when they run, and what is left to the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.airflow.generate import ids
from adapters.airflow.generate.manifest import DagPlan
from adapters.airflow.generate.plan import Planned, plan_dags
from adapters.airflow.generate.render import render
from adapters.airflow.generate.schedule import Schedule
from bridge import (
    AutomationCondition,
    DailyPartitionsDefinition,
    DefaultScheduleStatus,
    Definitions,
    MonthlyPartitionsDefinition,
    ScheduleDefinition,
    StaticPartitionsDefinition,
    WeeklyPartitionsDefinition,
    asset,
    build_schedule_from_partitioned_job,
    define_asset_job,
    schedule,
    sensor,
)
from bridge.assets import AssetsDefinition
from bridge.project import find_project

DAYS = DailyPartitionsDefinition("2024-01-01", "2024-02-01", timezone="Europe/Zurich")


def named(name: str, **facts: Any) -> AssetsDefinition:
    @asset(name=name, **facts)
    def computed() -> None:
        pass

    return computed


def planned(*assets: Any, **automation: Any) -> Planned:
    definitions = Definitions(assets, **automation)
    graph = definitions.graph()
    project = find_project(Path(__file__).parent)
    return plan_dags(graph, project, definitions.automation(graph))


def dags(found: Planned) -> dict[str, DagPlan]:
    return {plan.dag_id: plan for plan in found.manifest.dags}


def tasks(plan: DagPlan) -> list[str]:
    return [task.task_id for task in plan.tasks]


def messages(found: Planned) -> list[str]:
    return [finding.message for finding in found.findings]


def test_a_job_is_a_dag_of_its_selection_and_the_rest_goes_by_group() -> None:
    job = define_asset_job("nightly", "+b", description="Every night.", tags={"team": "ops"})
    found = planned(named("a"), named("b", deps=["a"]), named("c", deps=["b"]), jobs=[job])
    nightly, rest = dags(found)["nightly"], dags(found)["default__assets"]

    assert tasks(nightly) == ["a", "b"]
    assert (nightly.schedule, nightly.group) == (Schedule(), None)
    assert (nightly.description, nightly.tags) == ("Every night", ("bridge", "team:ops"))
    assert tasks(rest) == ["c"]
    assert rest.schedule.assets == ("x-bridge://b",)
    assert found.findings == ()


def test_the_only_schedule_of_a_job_is_its_dags() -> None:
    job = define_asset_job("nightly", config={"a": {"rows": 1}, "b": {"x": [1]}})
    daily = ScheduleDefinition(
        cron_schedule="30 6 * * 1-5",
        job=job,
        execution_timezone="Europe/Zurich",
        run_config={"a": {"rows": 2}},
        tags={"urgent": ""},
    )
    [plan] = planned(named("a"), jobs=[job], schedules=[daily]).manifest.dags

    assert (plan.schedule.crons, plan.schedule.timezone) == (("30 6 * * 1-5",), "Europe/Zurich")
    assert plan.run_config == {"a": {"rows": 2}, "b": {"x": [1]}}
    assert plan.tags == ("bridge", "urgent")
    assert plan.doc[0] == "It runs at 30 6 * * 1-5 in Europe/Zurich."
    assert '"x": [\n                    1,\n                ],' in render(plan)


@pytest.mark.parametrize("catchup", [True, False])
def test_a_schedule_that_makes_up_for_missed_ticks_does_so_in_airflow(catchup: bool) -> None:
    daily = ScheduleDefinition("daily", cron_schedule="@daily", target="a", catchup=catchup)
    [plan] = planned(named("a"), schedules=[daily]).manifest.dags

    assert (plan.schedule.kind, plan.schedule.makes_up) == ("ticks" if catchup else "cron", catchup)
    assert ("made up for" in plan.doc[-1]) is catchup


def test_a_schedule_of_partitions_leaves_none_out() -> None:
    job = define_asset_job("load", partitions_def=DAYS)
    found = planned(
        named("a", partitions_def=DAYS),
        jobs=[job],
        schedules=[build_schedule_from_partitioned_job(job)],
    )

    assert found.manifest.dags[0].schedule.makes_up
    assert found.findings == ()


def test_several_cron_schedules_are_one_of_ours() -> None:
    twice = ScheduleDefinition("twice", cron_schedule=["0 1 * * *", "30 2 * * *"], target="a")
    found = planned(named("a"), schedules=[twice])
    [plan] = found.manifest.dags

    assert plan.schedule == Schedule(kind="ticks", crons=("0 1 * * *", "30 2 * * *"))
    assert plan.doc == ("It runs at 0 1 * * * and 30 2 * * * in UTC.",)
    assert found.findings == ()


def test_where_airflows_ticks_would_be_others_ours_are_taken_and_that_is_said() -> None:
    early = ScheduleDefinition(
        "early", cron_schedule="30 2 * * *", target="a", execution_timezone="Europe/Zurich"
    )
    found = planned(named("a"), schedules=[early])
    [plan] = found.manifest.dags

    assert plan.schedule.kind == "ticks"
    assert messages(found) == [
        "early__scheduled has the plugin's timetable instead of Airflow's, which differs where "
        "clocks change: first, of 30 2 * * * in Europe/Zurich, with 2025-03-30 03:30+02:00 instead "
        "of 2025-03-30 03:00+02:00."
    ]
    assert plan.doc[1].startswith("Its timetable is not Airflow's, which differs where clocks")


@pytest.mark.parametrize("status", list(DefaultScheduleStatus))
def test_a_schedule_says_whether_its_dag_runs_before_anybody_said_so(
    status: DefaultScheduleStatus,
) -> None:
    daily = ScheduleDefinition("d", cron_schedule="@daily", target="a", default_status=status)
    [plan] = planned(named("a"), schedules=[daily]).manifest.dags

    assert plan.is_paused_at_first is (status is DefaultScheduleStatus.STOPPED)
    assert f"is_paused_upon_creation={plan.is_paused_at_first}," in render(plan)


def test_each_of_several_schedules_has_a_dag_of_its_own() -> None:
    job = define_asset_job("load")
    two = [
        ScheduleDefinition(name, cron_schedule=cron, job=job)
        for name, cron in (("early", "0 1 * * *"), ("late", "0 2 * * 0"))
    ]
    found = dags(planned(named("a"), jobs=[job], schedules=two))

    assert {name: plan.schedule.crons for name, plan in found.items()} == {
        "early__scheduled": ("0 1 * * *",),
        "late__scheduled": ("0 2 * * 0",),
        "load": (),
    }
    assert "The schedule early is the DAG early__scheduled." in found["load"].doc


def test_a_schedule_without_a_named_job_is_a_dag() -> None:
    daily = ScheduleDefinition("daily", cron_schedule="@daily", target="a")
    found = dags(planned(named("a"), named("b"), schedules=[daily]))

    assert {name: tasks(plan) for name, plan in found.items()} == {
        "daily__scheduled": ["a"],
        "default__assets": ["b"],
    }


def test_a_partitioned_schedule_has_one_data_interval_a_partition() -> None:
    job = define_asset_job("load")
    [plan] = planned(
        named("a", partitions_def=DAYS),
        named("whole", deps=["a"]),
        schedules=[build_schedule_from_partitioned_job(job)],
    ).manifest.dags

    assert (plan.schedule.crons, plan.schedule.timezone) == (("0 0 * * *",), "Europe/Zurich")
    assert (plan.schedule.start, plan.schedule.end) == (
        "2024-01-01T00:00:00",
        "2024-01-31T00:00:00",
    )
    assert tasks(plan) == ["a", "whole"]


@pytest.mark.parametrize(
    ("partitions", "later", "cron", "start", "end"),
    [
        (DAYS, {"hour_of_day": 6}, "0 6 * * *", "2024-01-01T06:00:00", "2024-01-31T06:00:00"),
        (
            WeeklyPartitionsDefinition("2024-01-07", "2024-01-21"),
            {"day_of_week": 3, "hour_of_day": 1},
            "0 1 * * 3",
            "2024-01-10T01:00:00",
            "2024-01-17T01:00:00",
        ),
    ],
)
def test_a_tick_later_than_the_end_of_a_partition_is_an_interval_that_begins_in_it(
    partitions: Any, later: dict[str, int], cron: str, start: str, end: str
) -> None:
    job = define_asset_job("load")
    made = build_schedule_from_partitioned_job(job, **later)  # type: ignore[arg-type]
    [plan] = planned(named("a", partitions_def=partitions), schedules=[made]).manifest.dags

    when = plan.schedule
    assert (when.crons, when.start, when.end) == ((cron,), start, end)


def test_what_airflow_cannot_express_is_left_to_the_daemon_and_said() -> None:
    job = define_asset_job("load", "a")
    by_month = define_asset_job("by_month", "m")
    by_name = define_asset_job("by_name", "s")

    @schedule("0 0 * * *", job=job)
    def asks() -> dict[str, object]:
        return {}

    @sensor(job=job)
    def looks() -> None: ...

    found = planned(
        named("a", automation_condition=AutomationCondition.eager()),
        named("m", partitions_def=MonthlyPartitionsDefinition("2024-01-01")),
        named("s", partitions_def=StaticPartitionsDefinition(["x", "y"])),
        schedules=[
            asks,
            build_schedule_from_partitioned_job(by_month, day_of_month=31),
            build_schedule_from_partitioned_job(by_name, cron_schedule="@daily"),
        ],
        sensors=[looks],
    )

    assert messages(found) == [
        f"{name} is left to `bridge daemon`: {why}."
        for name, why in (
            ("Schedule asks", "its function says at each tick what to run"),
            ("Schedule by_month_schedule", "not every month has its day"),
            ("Schedule by_name_schedule", "its partitions are no data intervals"),
            ("Sensor looks", "what it looks at is no schedule"),
            ("Automation condition of a", "no DAG asks what it asks"),
        )
    ]
    load = dags(found)["load"]
    assert load.schedule == Schedule()
    assert [line.partition(":")[0] for line in load.doc[1:]] == [
        "The schedule asks is left to `bridge daemon`",
        "The sensor looks is left to `bridge daemon`.",
        "Conditions are left to `bridge daemon`",
    ]


@pytest.mark.parametrize(
    ("name", "dag_id"),
    [
        ("load", "load"),
        ("default__assets", "default__assets__job"),
        ("load__scheduled", "load__scheduled__job"),
    ],
)
def test_no_job_is_called_like_a_dag_that_is_none(name: str, dag_id: str) -> None:
    assert ids.job_dag_id(name) == dag_id
