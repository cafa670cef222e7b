"""What one try of a legacy task says about the assets it writes."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from adapters.airflow.api.rows import DagRun, TaskInstance
from adapters.airflow.observe.facts import (
    ObservedRun,
    facts_of_mapped,
    facts_of_together,
    facts_of_try,
)
from adapters.airflow.observe.unit import ObservedUnit
from bridge.keys import AssetKey
from bridge.partitions import DailyPartitionsDefinition

DAY = datetime(2013, 1, 5, tzinfo=timezone.utc)
ORDERS, LINES = AssetKey("orders"), AssetKey("lines")


def observed(*, logical_date: datetime | None = DAY) -> ObservedRun:
    run = DagRun(
        dag_id="shop",
        run_id="scheduled__2013-01-05",
        run_type="scheduled",
        state="success",
        logical_date=logical_date,
        data_interval_start=logical_date,
        data_interval_end=logical_date,
        run_after=DAY,
        partition_key=None,
    )
    unit = ObservedUnit(
        dag_id="shop",
        task_id="load",
        assets=(ORDERS, LINES),
        partitions=DailyPartitionsDefinition(start_date="2013-01-01"),
    )
    return ObservedRun(airflow="eu", unit=unit, run=run, seen_at=DAY + timedelta(days=9))


def a_try(state: str, *, map_index: int = -1, try_number: int = 1, minute: int = 0) -> TaskInstance:
    return TaskInstance(
        dag_id="shop",
        run_id="scheduled__2013-01-05",
        task_id="load",
        map_index=map_index,
        try_number=try_number,
        state=state,
        operator="PythonOperator",
        start=DAY + timedelta(minutes=minute),
        end=DAY + timedelta(minutes=minute + 2),
        run_position=DAY,
    )


def test_a_success_materializes_every_asset_of_the_unit_when_it_ended() -> None:
    events = facts_of_try(a_try("success"), observed()).events

    assert [(e.key, e.kind, e.partition) for e in events] == [
        (ORDERS, "materialization", "2013-01-05"),
        (LINES, "materialization", "2013-01-05"),
    ]
    assert {e.happened_at for e in events} == {DAY + timedelta(minutes=2)}
    assert {e.duration_s for e in events} == {120.0}
    assert {e.source for e in events} == {"airflow:eu/shop/scheduled__2013-01-05/load/-1/1"}
    assert {e.run_id for e in events} == {"airflow:eu/shop/scheduled__2013-01-05"}


def test_a_failure_says_which_task_and_try() -> None:
    event = facts_of_try(a_try("up_for_retry", try_number=2), observed()).events[0]

    assert (event.kind, event.message) == ("failure", "Airflow task shop.load failed (try 2)")


def test_a_run_without_a_date_is_recorded_without_a_partition_and_told() -> None:
    facts = facts_of_try(a_try("success"), observed(logical_date=None))

    why = "run scheduled__2013-01-05 has no logical date"
    assert {(e.partition, e.message) for e in facts.events} == {(None, f"unpartitioned: {why}")}
    assert [(f.code, f.about) for f in facts.findings] == [("unpartitioned", "shop.load")]


def test_one_map_index_alone_materializes_nothing_and_its_failure_is_its_own() -> None:
    assert facts_of_try(a_try("success", map_index=2), observed()).events == ()
    failure = facts_of_try(a_try("failed", map_index=2), observed()).events[0]
    assert failure.source.endswith("/load/2/1")


def test_map_indexes_that_all_succeeded_are_one_materialization() -> None:
    tries = [a_try("success", map_index=n, try_number=n + 1, minute=n) for n in range(3)]

    event = facts_of_mapped(tries, observed()).events[0]

    assert event.source.endswith("/load/-1/3")
    assert (event.happened_at, event.duration_s) == (DAY + timedelta(minutes=4), 240.0)


def test_a_removed_map_index_does_not_count_and_any_other_unfinished_one_does() -> None:
    done = [a_try("success", map_index=0)]

    assert facts_of_mapped([*done, a_try("removed", map_index=1)], observed()).events != ()
    for state in ("failed", "running", "skipped", "upstream_failed", "scheduled"):
        assert facts_of_mapped([*done, a_try(state, map_index=1)], observed()).events == ()


def test_a_task_mapped_over_nothing_materializes_nothing() -> None:
    assert facts_of_mapped([a_try("skipped")], observed()).events == ()
    assert facts_of_mapped([], observed()).events == ()


def ended_together(*tasks: str) -> ObservedRun:
    run = observed()
    return replace(run, unit=replace(run.unit, together=tasks))


def named(task_id: str, state: str, **fields: int) -> TaskInstance:
    return replace(a_try(state, **fields), task_id=task_id)


def test_the_success_of_one_of_several_tasks_that_make_an_asset_together_says_nothing() -> None:
    of = ended_together("load", "mail")
    assert facts_of_try(a_try("success"), of).events == ()
    assert {e.kind for e in facts_of_try(a_try("failed"), of).events} == {"failure"}
    assert {e.kind for e in facts_of_try(a_try("running"), of).events} == {"started"}


def test_tasks_that_make_an_asset_together_materialize_it_once_all_are_done() -> None:
    of = ended_together("load", "mail")
    last = named("mail", "success", minute=7, try_number=3)

    facts = facts_of_together([named("load", "success"), last], of)

    assert {(e.kind, e.source, e.duration_s) for e in facts.events} == {
        ("materialization", "airflow:eu/shop/scheduled__2013-01-05/load/-1/3", None)
    }
    assert {e.happened_at for e in facts.events} == {DAY + timedelta(minutes=9)}
    assert facts_of_together([last, named("load", "success")], of) == facts


def test_tasks_that_make_an_asset_together_say_nothing_while_one_is_missing_or_failed() -> None:
    of = ended_together("load", "mail")
    done = named("load", "success")
    assert facts_of_together([done], of).events == ()
    for state in ("failed", "upstream_failed", "running", "up_for_retry"):
        assert facts_of_together([done, named("mail", state)], of).events == ()
    assert facts_of_together([done, named("mail", "skipped")], of).events != ()
    skipped = [named("load", "skipped"), named("mail", "skipped")]
    assert facts_of_together(skipped, of).events == ()
