"""Runs with partition keys: which DAGs have them, from what, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.airflow.generate.mappers import ANY, IDENTITY, mapper_of
from adapters.airflow.generate.plan import Planned, plan_dags
from adapters.airflow.generate.render import render
from adapters.airflow.generate.schedule import Schedule, schedule_from
from bridge import (
    AssetDep,
    AssetSpec,
    DailyPartitionsDefinition,
    Definitions,
    HourlyPartitionsDefinition,
    IdentityPartitionMapping,
    LastPartitionMapping,
    MonthlyPartitionsDefinition,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    WeeklyPartitionsDefinition,
    asset,
    build_schedule_from_partitioned_job,
    define_asset_job,
)
from bridge.assets import AssetsDefinition
from bridge.errors import ConfigError, DefinitionError
from bridge.partitions import PartitionMapping, PartitionsDefinition
from bridge.project import find_project

ZURICH = "Europe/Zurich"
DAYS = DailyPartitionsDefinition("2024-01-01", "2024-03-01", timezone=ZURICH)
MONTHS = MonthlyPartitionsDefinition("2024-01-01", timezone=ZURICH)
NAMES = StaticPartitionsDefinition(["a", "b"])


def named(name: str, **facts: Any) -> AssetsDefinition:
    @asset(name=name, group_name=name, **facts)
    def computed() -> None:
        pass

    return computed


def planned(folder: Path, *assets: Any, target: str = "3", **automation: Any) -> Planned:
    (folder / "bridge.toml").write_text(
        f'generate = {{ partitions = "keys", target = "{target}" }}\n'
    )
    definitions = Definitions(assets, **automation)
    graph = definitions.graph()
    return plan_dags(graph, find_project(folder), definitions.automation(graph))


def schedules(found: Planned) -> dict[str, Schedule]:
    return {dag.dag_id.partition("__")[0]: dag.schedule for dag in found.manifest.dags}


@pytest.mark.parametrize("target", ["2", "both"])
def test_airflow_2_has_no_partition_keys(target: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='partitions = "keys" and target = ') as error:
        planned(tmp_path, named("a"), target=target)

    assert 'Set target = "3" (3.3 or later)' in str(error.value)


def test_a_run_has_the_key_of_the_window_that_ends_then(tmp_path: Path) -> None:
    found = planned(tmp_path, named("a", partitions_def=DAYS))

    assert schedules(found)["a"] == Schedule(
        kind="keys",
        timezone=ZURICH,
        crons=("0 0 * * *",),
        start="2024-01-02T00:00:00",
        end="2024-03-01T00:00:00",
        run_offset=-1,
        key_format="%Y-%m-%d",
    )
    assert 'CronPartitionTimetable(\n        "0 0 * * *",' in render(found.manifest.dags[0], "3")


def test_the_window_that_is_still_open_has_a_run_as_it_begins(tmp_path: Path) -> None:
    days = DailyPartitionsDefinition("2024-01-01", end_offset=1)
    schedule = schedules(planned(tmp_path, named("a", partitions_def=days)))["a"]

    assert (schedule.start, schedule.run_offset) == ("2024-01-01T00:00:00", 0)


def test_a_later_tick_has_the_same_keys(tmp_path: Path) -> None:
    job = define_asset_job("nightly", "a")
    found = planned(
        tmp_path,
        named("a", partitions_def=DAYS),
        jobs=[job],
        schedules=[build_schedule_from_partitioned_job(job, hour_of_day=6)],
    )

    schedule = schedules(found)["nightly"]
    assert (schedule.crons, schedule.start) == (("0 6 * * *",), "2024-01-02T06:00:00")
    assert [finding.code for finding in found.findings] == ["no-catchup"]


def test_other_partitions_are_triggered_with_their_key(tmp_path: Path) -> None:
    found = planned(tmp_path, named("a", partitions_def=NAMES), named("b"))

    assert schedules(found) == {"a": Schedule(kind="key by hand"), "b": Schedule()}
    assert "schedule=PartitionedAtRuntime()," in render(found.manifest.dags[0], "3")


@pytest.mark.parametrize(
    ("partitions", "why"),
    [
        (DailyPartitionsDefinition("2024-01-01", exclusions=["0 0 * * 0"]), "no exclusions"),
        (
            DailyPartitionsDefinition("2024-01-01", timezone=ZURICH, hour_offset=2),
            r"it ticks at other times than 0 2 \* \* \* where clocks in Europe/Zurich change",
        ),
        (
            HourlyPartitionsDefinition("2024-01-01-00:00", timezone=ZURICH),
            r"it would write 2024-10-27-02:00 for 2024-10-27-02:00\+0100",
        ),
    ],
)
def test_keys_that_airflow_would_write_in_another_way_are_refused(
    partitions: PartitionsDefinition, why: str, tmp_path: Path
) -> None:
    with pytest.raises(DefinitionError, match=why) as error:
        planned(tmp_path, named("a", partitions_def=partitions))

    assert "Asset a has partitions" in str(error.value)
    assert f"At {__file__}:" in str(error.value)


def test_what_reads_its_own_past_is_refused(tmp_path: Path) -> None:
    before = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
    total = named("total", deps=[AssetDep("total", before)], partitions_def=DAYS)

    with pytest.raises(DefinitionError, match="partitions of total from before its own"):
        planned(tmp_path, total)


def test_a_dag_runs_for_the_partition_that_all_others_have(tmp_path: Path) -> None:
    a, b = named("a", partitions_def=DAYS), named("b", partitions_def=MONTHS)
    c = named("c", partitions_def=MONTHS, deps=[a, b])
    found = planned(tmp_path, a, b, c)
    schedule = schedules(found)["c"]

    assert (schedule.kind, schedule.assets) == ("keyed assets", ("x-bridge://a", "x-bridge://b"))
    assert schedule.mappers["x-bridge://b"] == IDENTITY
    assert [*schedule.mappers["x-bridge://a"]] == ["RollupMapper"]
    assert schedule_from(schedule.values()) == schedule
    text = render(found.manifest.dags[2], "3")
    assert 'Asset(uri="x-bridge://b"): IdentityMapper(),' in text
    assert "window=MonthWindow()," in text


def test_a_report_of_any_partition_has_one_key_for_all(tmp_path: Path) -> None:
    a = named("a", partitions_def=DAYS)
    found = planned(tmp_path, a, named("b", deps=[a]))

    assert schedules(found)["b"].mappers == {"x-bridge://a": ANY}
    assert found.findings == ()


def test_news_with_keys_and_without_start_no_dag_and_that_is_said(tmp_path: Path) -> None:
    a, b = named("a", partitions_def=DAYS), named("b")
    found = planned(tmp_path, a, b, named("c", deps=[a, b]))

    assert schedules(found)["c"] == Schedule()
    [finding] = found.findings
    assert "it reads a, which has partitions, and b, which has none." in finding.message


def test_what_no_mapper_says_keeps_its_ticks(tmp_path: Path) -> None:
    a = named("a", partitions_def=DAYS)
    b = named("b", partitions_def=DAYS, deps=[AssetDep(a, LastPartitionMapping())])

    assert schedules(planned(tmp_path, a, b))["b"].kind == "keys"


def test_a_partitioned_dag_that_reads_a_legacy_table_keeps_its_ticks(tmp_path: Path) -> None:
    seen = AssetSpec("seen", uri="s3://lake/seen")
    found = planned(tmp_path, seen, named("b", partitions_def=DAYS, deps=["seen"]))

    assert schedules(found)["b"].kind == "keys"


OVERLAP = TimeWindowPartitionMapping()
WEEKS = WeeklyPartitionsDefinition("2024-01-01", day_offset=1, timezone=ZURICH)
SUNDAYS = WeeklyPartitionsDefinition("2024-01-01", timezone=ZURICH)
HOURS, UTC_HOURS = (
    HourlyPartitionsDefinition("2024-01-01-00:00", timezone=zone) for zone in (ZURICH, "UTC")
)


@pytest.mark.parametrize(
    ("mapping", "upstream", "downstream", "mapper"),
    [
        (IdentityPartitionMapping(), NAMES, NAMES, "IdentityMapper"),
        (OVERLAP, DAYS, DAYS, "IdentityMapper"),
        (OVERLAP, DAYS, DailyPartitionsDefinition("20240101", fmt="%Y%m%d", timezone=ZURICH),
         "StartOfDayMapper"),
        (OVERLAP, DAYS, WEEKS, "RollupMapper"),
        (OVERLAP, MONTHS, DAYS, "FanOutMapper"),
        (OVERLAP, UTC_HOURS, DailyPartitionsDefinition("2024-01-01"), "RollupMapper"),
        (OVERLAP, HOURS, DAYS, None),  # a window of 24 hours
        (OVERLAP, DAYS, SUNDAYS, None),  # a week begins on Monday
        (OVERLAP, WEEKS, MONTHS, None),
        (TimeWindowPartitionMapping(start_offset=-1), DAYS, DAYS, None),
        (LastPartitionMapping(), DAYS, DAYS, None),
    ],
)  # fmt: skip
def test_a_mapping_is_a_mapper_only_where_it_means_the_same(
    mapping: PartitionMapping,
    upstream: PartitionsDefinition,
    downstream: PartitionsDefinition,
    mapper: str | None,
) -> None:
    found = mapper_of(mapping, upstream, downstream)

    assert (found is None) if mapper is None else (found is not None and [*found] == [mapper])
