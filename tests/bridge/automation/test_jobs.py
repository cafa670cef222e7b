from __future__ import annotations

import pytest

from bridge import (
    AssetKey,
    AssetSpec,
    DailyPartitionsDefinition,
    Definitions,
    HourlyPartitionsDefinition,
    ScheduleDefinition,
    asset,
    define_asset_job,
    in_process_executor,
    multiprocess_executor,
    sensor,
)
from bridge.errors import DefinitionError, DuplicateKeyError

DAILY = DailyPartitionsDefinition("2026-01-01")


@asset
def raw() -> None: ...


@asset(deps=["raw"], group_name="marts")
def orders() -> None: ...


@asset(partitions_def=DAILY)
def days() -> None: ...


@asset(partitions_def=HourlyPartitionsDefinition("2026-01-01-00:00"))
def hours() -> None: ...


ASSETS = [raw, orders, days, hours, AssetSpec("outside")]


def keys_of(selection: object) -> list[str]:
    job = define_asset_job("j", selection)  # type: ignore[arg-type]
    return [str(key) for key in Definitions(ASSETS, jobs=[job]).automation().jobs["j"].keys]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("+orders", ["raw", "orders"]),
        ([orders], ["orders"]),
        ([AssetKey("days")], ["days"]),
        (["raw", orders], ["raw", "orders"]),
        (orders, ["orders"]),
        ("days or raw", ["raw", "days"]),
    ],
)
def test_a_job_selects_by_text_asset_or_key(selection: object, expected: list[str]) -> None:
    assert keys_of(selection) == expected


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        ("group:nowhere", "no asset: 'group:nowhere'"),
        ("key:outside", "only outside, which something outside writes"),
        ("+", "cannot be read"),
        ([AssetKey("orderz")], "Did you mean orders?"),
        ("orderz", "There is no asset orderz"),
        ("days or hours", "days is daily, hours is hourly"),
        ([42], "42, which is no asset"),
        ([], "no asset: an empty list"),
    ],
)
def test_a_job_that_could_never_run_is_refused_with_its_line(selection: object, said: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        keys_of(selection)

    assert said in str(refusal.value)
    assert f"{__file__}:" in str(refusal.value)


def test_partitions_said_out_loud_must_be_those_of_the_assets() -> None:
    job = define_asset_job("j", "raw", partitions_def=DAILY)

    with pytest.raises(DefinitionError, match="is given daily partitions, but no asset has none"):
        Definitions(ASSETS, jobs=[job]).automation()


def test_a_job_that_only_a_schedule_holds_is_a_job_of_the_project() -> None:
    job = define_asset_job("nightly", "orders")
    schedule = ScheduleDefinition(cron_schedule="@daily", job=job)

    found = Definitions(ASSETS, schedules=[schedule]).automation()

    assert found.job("nightly").keys == (AssetKey("orders"),)
    assert list(found.schedules) == ["nightly_schedule"]
    with pytest.raises(DefinitionError, match=r"no job 'nightli'.*Did you mean nightly"):
        found.job("nightli")


def test_two_jobs_of_one_name_are_refused_wherever_they_are() -> None:
    first, second = define_asset_job("j", "raw"), define_asset_job("j", "orders")
    schedule = ScheduleDefinition(cron_schedule="@daily", job=second)

    with pytest.raises(DuplicateKeyError, match=r"are called j: at .*test_jobs.py:\d+ and at"):
        Definitions(ASSETS, jobs=[first, second])
    with pytest.raises(DuplicateKeyError, match="are called j"):
        Definitions(ASSETS, jobs=[first], schedules=[schedule]).automation()


def test_one_job_may_be_in_several_places() -> None:
    job = define_asset_job("j", "raw")
    schedule = ScheduleDefinition("s", cron_schedule="@daily", job=job)

    merged = Definitions.merge(
        Definitions(ASSETS, jobs=[job]), Definitions(jobs=[job], schedules=[schedule])
    )

    assert merged.automation().schedules["s"].jobs == (merged.automation().job("j"),)


def test_a_schedule_and_a_sensor_do_not_share_a_name() -> None:
    @sensor(job_name="j")
    def tick() -> None: ...

    schedule = ScheduleDefinition("tick", cron_schedule="@daily", target="raw")

    with pytest.raises(DuplicateKeyError, match="each a schedule or sensor, are called tick"):
        Definitions(ASSETS, schedules=[schedule], sensors=[tick])


def test_a_job_may_say_how_its_steps_are_computed() -> None:
    several = multiprocess_executor.configured({"max_concurrent": 2})
    fast = define_asset_job("fast", "raw", executor_def=several)
    plain = define_asset_job("plain", "raw")
    schedule = ScheduleDefinition("s", cron_schedule="@daily", job=fast)
    defs = Definitions(ASSETS, jobs=[plain], schedules=[schedule], executor=in_process_executor)

    found = [defs.executor_of(name) for name in ("fast", "plain", "unknown", None)]
    assert found == [several, *[in_process_executor] * 3]
    with pytest.raises(DefinitionError, match="executor_def='many', which is no executor"):
        define_asset_job("j", executor_def="many")  # type: ignore[arg-type]


def test_what_is_no_job_is_refused_in_definitions() -> None:
    with pytest.raises(DefinitionError, match=r"Definitions\(jobs=\[…, 'j'\]\) is none of those"):
        Definitions(ASSETS, jobs=["j"])  # type: ignore[list-item]
