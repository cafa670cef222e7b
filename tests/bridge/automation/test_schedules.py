from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import (
    DailyPartitionsDefinition,
    Definitions,
    HourlyPartitionsDefinition,
    MonthlyPartitionsDefinition,
    MultiPartitionsDefinition,
    PartitionsDefinition,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SkipReason,
    StaticPartitionsDefinition,
    WeeklyPartitionsDefinition,
    asset,
    build_schedule_context,
    build_schedule_from_partitioned_job,
    define_asset_job,
    schedule,
)
from bridge.automation.location import ResolvedSchedule
from bridge.errors import DefinitionError

UTC = timezone.utc
DAILY = DailyPartitionsDefinition("2026-01-01", timezone="Europe/Zurich")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def job_over(partitions_def: PartitionsDefinition | None) -> tuple[Any, Any]:
    @asset(partitions_def=partitions_def)
    def orders() -> None: ...

    return orders, define_asset_job("nightly", [orders])


def resolved(
    written: ScheduleDefinition,
    partitions_def: PartitionsDefinition | None = None,
    **resources: object,
) -> ResolvedSchedule:
    orders, job = job_over(partitions_def)
    definitions = Definitions([orders], resources=resources, jobs=[job], schedules=[written])
    return definitions.automation().schedules[written.name]


def partitioned(of: PartitionsDefinition, **said: Any) -> ResolvedSchedule:
    orders, job = job_over(of)
    written = build_schedule_from_partitioned_job(job, **said)
    return Definitions([orders], schedules=[written]).automation().schedules[written.name]


def test_a_schedule_ticks_by_the_clocks_of_its_zone() -> None:
    found = resolved(
        ScheduleDefinition(
            "s",
            cron_schedule=["30 2 * * *", "0 6 * * *", "30 2 * * *"],
            target="orders",
            execution_timezone="Europe/Zurich",
        )
    ).cadence

    assert found.after(at("2026-03-28T20:00")) == at("2026-03-29T01:00")  # 2:30 was skipped
    assert found.after(at("2026-03-29T01:00")) == at("2026-03-29T04:00")
    assert next(found.until(at("2026-03-29T03:00"))) == at("2026-03-29T01:00")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"cron_schedule": "61 0 * * *"}, "61 0"),
        ({"cron_schedule": "0 0 * * * *"}, "five fields"),
        ({"cron_schedule": []}, "has no cron_schedule"),
        ({"cron_schedule": "@daily", "execution_timezone": "Nope/X"}, "Nope/X"),
        ({"cron_schedule": "@daily", "name": "a b"}, "is called 'a b'"),
        ({"cron_schedule": "@daily", "job_name": "nightly"}, "in several ways"),
    ],
)
def test_a_schedule_that_cannot_tick_is_refused_with_its_line(
    said: dict[str, Any], message: str
) -> None:
    with pytest.raises(DefinitionError, match=message) as refusal:
        ScheduleDefinition(**{"name": "s", "target": "orders", **said})

    assert f"{__file__}:" in str(refusal.value)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (ScheduleDefinition("s", cron_schedule="@daily", job_name="nightli"), "Did you mean night"),
        (ScheduleDefinition("s", cron_schedule="@daily"), "starts no job"),
        (
            ScheduleDefinition("s", cron_schedule="@daily", job_name="nightly"),
            "does not say which one",
        ),
    ],
)
def test_a_schedule_that_could_never_start_a_run_is_refused(
    written: ScheduleDefinition, message: str
) -> None:
    with pytest.raises(DefinitionError, match=message) as refusal:
        resolved(written, DAILY)

    assert f"{__file__}:" in str(refusal.value)


def test_a_function_is_asked_with_the_tick_and_its_resources() -> None:
    @schedule("@daily", job_name="nightly")
    def s(context: ScheduleEvaluationContext, clock: str) -> RunRequest:
        return RunRequest(tags={"at": f"{context.scheduled_execution_time:%d} {clock}"})

    tick = build_schedule_context(at("2026-02-03T00:00"), resources={"clock": "sun"})

    assert resolved(s, clock="sun").evaluate(tick).run_requests == (
        RunRequest(tags={"at": "03 sun"}),
    )
    assert s(tick, clock="sun") == RunRequest(tags={"at": "03 sun"})


def test_a_resource_that_is_not_there_is_refused() -> None:
    @schedule("@daily", job_name="nightly")
    def s(clock: str) -> None: ...

    with pytest.raises(DefinitionError, match="takes the resource 'clock'"):
        resolved(s)


def _yields() -> Iterator[RunRequest]:
    yield RunRequest("a")
    yield RunRequest("b")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, ()),
        (RunRequest("a"), (RunRequest("a"),)),
        ([RunRequest("a"), RunRequest("b")], (RunRequest("a"), RunRequest("b"))),
        (_yields(), (RunRequest("a"), RunRequest("b"))),
        ({"orders": {"limit": 3}}, (RunRequest(run_config={"orders": {"limit": 3}}),)),
        (SkipReason("holiday"), ()),
    ],
)
def test_a_function_may_answer_in_several_ways(
    answer: object, expected: tuple[RunRequest, ...]
) -> None:
    @schedule("@daily", job_name="nightly")
    def s() -> object:
        return answer

    found = resolved(s).evaluate(build_schedule_context())

    assert found.run_requests == expected
    assert (found.skip_reason == SkipReason("holiday")) is isinstance(answer, SkipReason)


@pytest.mark.parametrize("answer", [42, "run", [RunRequest(), 1], [RunRequest(), SkipReason()]])
def test_what_is_no_answer_is_refused(answer: object) -> None:
    @schedule("@daily", job_name="nightly")
    def s() -> object:
        return answer

    with pytest.raises(DefinitionError, match="Schedule s gave"):
        resolved(s).evaluate(build_schedule_context())


def test_partitions_are_asked_for_when_they_are_over_by_their_own_clocks() -> None:
    found = partitioned(DAILY, hour_of_day=3, minute_of_hour=15)
    tick = found.cadence.after(at("2026-07-01T00:00"))

    assert tick == at("2026-07-01T01:15")
    assert [r.partition_key for r in found.evaluate(build_schedule_context(tick)).run_requests] == [
        "2026-06-30"
    ]
    assert found.definition.catchup


@pytest.mark.parametrize(
    ("of", "said", "cron"),
    [
        (HourlyPartitionsDefinition("2026-01-01-00:00"), {"minute_of_hour": 5}, "5 * * * *"),
        (WeeklyPartitionsDefinition("2026-01-01"), {"day_of_week": 3}, "0 0 * * 3"),
        (MonthlyPartitionsDefinition("2026-01-01"), {"day_of_month": 2}, "0 0 2 * *"),
        (DAILY, {"cron_schedule": "0 12 * * *"}, "0 12 * * *"),
    ],
)
def test_the_minute_hour_and_day_of_the_ticks_may_be_later(
    of: PartitionsDefinition, said: dict[str, Any], cron: str
) -> None:
    assert partitioned(of, **said).cadence.cron_schedules == (cron,)


@pytest.mark.parametrize(
    ("of", "said", "message"),
    [
        (HourlyPartitionsDefinition("2026-01-01-00:00"), {"hour_of_day": 5}, "do not know"),
        (StaticPartitionsDefinition(["a"]), {}, "never end; give it a"),
        (DAILY, {"execution_timezone": "Asia/Tokyo"}, "end in Europe/Zurich"),
        (DAILY, {"cron_schedule": "@daily", "hour_of_day": 5}, "Keep one"),
        (DAILY, {"hour_of_day": 25}, "no cron schedule"),
        (None, {}, "has none: use ScheduleDefinition"),
    ],
)
def test_ticks_that_partitions_cannot_have_are_refused(
    of: PartitionsDefinition, said: dict[str, Any], message: str
) -> None:
    with pytest.raises(DefinitionError, match=message) as refusal:
        partitioned(of, **said)

    assert f"{__file__}:" in str(refusal.value)


def test_of_several_dimensions_the_new_window_is_computed_for_all_others() -> None:
    several = MultiPartitionsDefinition(
        {"day": DailyPartitionsDefinition("2026-01-01"), "store": StaticPartitionsDefinition("ab")}
    )
    asked = partitioned(several).evaluate(build_schedule_context(at("2026-01-03T00:00")))

    assert [r.partition_key for r in asked.run_requests] == ["2026-01-02|a", "2026-01-02|b"]


def test_partitions_that_are_no_windows_are_computed_at_each_tick() -> None:
    found = partitioned(StaticPartitionsDefinition("ab"), cron_schedule="0 1 * * *")

    asked = found.evaluate(build_schedule_context(at("2026-01-03T01:00")))

    assert [r.partition_key for r in asked.run_requests] == ["a", "b"]


OFFSETS = st.fixed_dictionaries(
    {}, optional={"hour_of_day": st.integers(0, 23), "minute_of_hour": st.integers(0, 59)}
)


@given(
    day=st.integers(1, 300),
    said=OFFSETS,
    zone=st.sampled_from(["UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe"]),
)
def test_ticks_in_a_row_ask_for_each_partition_once(
    day: int, said: dict[str, Any], zone: str
) -> None:
    of = DailyPartitionsDefinition("2026-01-01", timezone=zone, exclusions=["0 0 * * 0"])
    found = partitioned(of, **said)
    begin = datetime(2026, 1, 1, tzinfo=UTC).timestamp() + day * 86400
    first = found.cadence.after(datetime.fromtimestamp(begin, UTC))
    ticks = [first]
    for _ in range(20):
        ticks.append(found.cadence.after(ticks[-1]))

    asked = [
        request.partition_key
        for tick in ticks[1:]
        for request in found.evaluate(build_schedule_context(tick)).run_requests
    ]

    assert asked == of.keys(ticks[-1])[of.count(first) :]
