from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bridge import (
    AddDynamicPartitionsRequest,
    AssetKey,
    MultiAssetSensorEvaluationContext,
    RunRequest,
    RunStatusSensorContext,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    asset_sensor,
    build_sensor_context,
    define_asset_job,
    multi_asset_sensor,
    run_failure_sensor,
    run_status_sensor,
    sensor,
)
from bridge.automation.sensors import Evaluation
from bridge.errors import DefinitionError
from bridge.events import AssetEvent, RecordedEvent
from bridge.runs import Run, RunTarget, new_run_id
from bridge.store import Store, open_store

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=timezone.utc)


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    yield opened
    opened.close()


def materialized(store: Store, key: str, partition: str | None = None) -> None:
    event = AssetEvent(
        kind="materialization",
        key=AssetKey(key),
        partition=partition,
        happened_at=NOW,
        source=f"test:{new_run_id()}",
    )
    assert store.record([event]) == 1


def evaluated(found: SensorDefinition, store: Store, cursor: str | None = None) -> Evaluation:
    context = build_sensor_context(store, cursor, sensor_name=found.name)
    context.evaluated_at = NOW
    return found.evaluate(context)


def test_a_sensor_keeps_its_cursor_beside_what_it_asks_for(store: Store) -> None:
    @sensor(job_name="j")
    def files(context: SensorEvaluationContext) -> Iterator[RunRequest]:
        seen = int(context.cursor or 0)
        context.update_cursor(str(seen + 2))
        yield RunRequest(f"file-{seen}")
        yield RunRequest(f"file-{seen + 1}")

    first = evaluated(files, store)
    second = evaluated(files, store, first.cursor)

    assert [request.run_key for request in first.result.run_requests] == ["file-0", "file-1"]
    assert (second.cursor, second.result.run_requests[0].run_key) == ("4", "file-2")


def test_a_result_may_hold_the_cursor_and_new_partitions(store: Store) -> None:
    result = SensorResult(
        [RunRequest(partition_key="fr")],
        cursor="7",
        dynamic_partitions_requests=[AddDynamicPartitionsRequest("countries", ["fr"])],
    )

    @sensor(target="*")
    def countries() -> SensorResult:
        return result

    assert evaluated(countries, store) == Evaluation(result=result, cursor="7")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SensorResult([RunRequest()], skip_reason="why"), "only be one of them"),
        (lambda: RunRequest(run_key=""), "not empty"),
        (lambda: RunRequest(tags={"a": 1}), "tags are text"),  # type: ignore[dict-item]
        (lambda: RunRequest(run_config={"f": {"x": object()}}), "cannot be shown or stored"),
        (lambda: AddDynamicPartitionsRequest("c", "fr"), "give a list"),
        (lambda: build_sensor_context().update_cursor(3), "is no text"),  # type: ignore[arg-type]
        (lambda: build_sensor_context().instance, "no store was given"),
        (lambda: run_status_sensor("done"), "it is one of queued, running"),  # type: ignore[arg-type]
        (lambda: multi_asset_sensor([]), "looks at nothing"),
        (lambda: sensor(minimum_interval_seconds=-1)(lambda: None), "is called '<lambda>'"),
        (lambda: sensor(name="s", minimum_interval_seconds=-1)(lambda: None), "seconds=-1"),
        (lambda: sensor(name="s", jobs=[1])(lambda: None), "1, which is no job"),  # type: ignore[list-item]
    ],
)
def test_what_makes_no_sense_is_refused(make: Any, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        make()


def test_two_cursors_in_one_answer_are_refused(store: Store) -> None:
    @sensor(target="*")
    def torn(context: SensorEvaluationContext) -> SensorResult:
        context.update_cursor("1")
        return SensorResult(cursor="2")

    with pytest.raises(DefinitionError, match="gave two cursors"):
        evaluated(torn, store)


def test_an_asset_sensor_is_asked_once_for_a_materialization(store: Store) -> None:
    @asset_sensor(asset_key="raw", target="*")
    def after_raw(context: SensorEvaluationContext, event: RecordedEvent) -> RunRequest:
        return RunRequest(f"after-{event.sequence}")

    nothing = evaluated(after_raw, store)
    materialized(store, "raw")
    materialized(store, "other")
    first = evaluated(after_raw, store, nothing.cursor)
    again = evaluated(after_raw, store, first.cursor)

    assert nothing.result.skip_reason == SkipReason("no new materialization of raw")
    assert [request.run_key for request in first.result.run_requests] == ["after-1"]
    assert again.result.run_requests == ()


def test_several_assets_have_a_position_each(store: Store) -> None:
    @multi_asset_sensor(["raw", "rates"], target="*")
    def both(context: MultiAssetSensorEvaluationContext) -> RunRequest | SkipReason:
        newest = context.latest_materialization_records_by_key()
        if not all(newest.values()):
            return SkipReason("waits for both")
        context.advance_all_cursors()
        return RunRequest()

    materialized(store, "raw")
    waits = evaluated(both, store)
    materialized(store, "rates")
    asked = evaluated(both, store, waits.cursor)
    again = evaluated(both, store, asked.cursor)

    assert waits.result.skip_reason == SkipReason("waits for both")
    assert len(asked.result.run_requests) == 1
    assert again.result.skip_reason == SkipReason("waits for both")


def test_a_multi_asset_sensor_sees_partitions(store: Store) -> None:
    seen: list[list[str]] = []

    @multi_asset_sensor(["raw"], target="*")
    def by_day(context: MultiAssetSensorEvaluationContext) -> None:
        seen.append(sorted(context.latest_materialization_records_by_partition("raw")))

    materialized(store, "raw", "2026-01-01")
    materialized(store, "raw", "2026-01-02")
    evaluated(by_day, store)

    assert seen == [["2026-01-01", "2026-01-02"]]


def ended(store: Store, *, after_s: float, status: Any = "failed", job: str | None = None) -> Run:
    run = Run(
        id=new_run_id(),
        status="running",
        created_at=NOW,
        started_at=NOW,
        target=RunTarget(assets=(AssetKey("raw"),)),
        job_name=job,
    )
    store.start_run(run)
    finished = replace(run, status=status, ended_at=NOW + timedelta(seconds=after_s))
    store.finish_run(finished)
    return finished


def test_a_run_sensor_is_told_of_each_run_once_the_oldest_first(store: Store) -> None:
    told: list[str] = []

    @run_failure_sensor
    def alarm(context: RunStatusSensorContext) -> None:
        told.append(context.run.id)

    ended(store, after_s=-5)
    before = evaluated(alarm, store)
    second = ended(store, after_s=-60)  # on a host whose clock is behind
    first = ended(store, after_s=-61)
    ended(store, after_s=3, status="succeeded")
    one = evaluated(alarm, store, before.cursor)
    two = evaluated(alarm, store, one.cursor)
    none = evaluated(alarm, store, two.cursor)

    assert told == [first.id, second.id]
    assert (one.has_more, two.has_more) == (True, False)
    assert none.result.skip_reason == SkipReason("no run was failed since the last look")


def test_a_run_sensor_looks_at_the_jobs_it_names(store: Store) -> None:
    nightly = define_asset_job("nightly")

    @run_status_sensor("succeeded", monitored_jobs=[nightly], request_job=nightly)
    def then(context: RunStatusSensorContext) -> RunRequest:
        return RunRequest(context.run.id, partition_key=context.partition_key)

    before = evaluated(then, store)
    ended(store, after_s=1, status="succeeded", job="other")
    wanted = ended(store, after_s=2, status="succeeded", job="nightly")

    asked = evaluated(then, store, before.cursor).result.run_requests

    assert [request.run_key for request in asked] == [wanted.id]
    assert then.targets == (nightly,)
