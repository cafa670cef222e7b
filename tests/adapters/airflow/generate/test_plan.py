"""Which DAGs the graph becomes, what starts them, and what waits for what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from adapters.airflow.generate.manifest import DagPlan, Manifest, read_manifest
from adapters.airflow.generate.plan import plan_dags
from adapters.airflow.generate.schedule import Schedule
from bridge import (
    AssetCheckSpec,
    AssetDep,
    AssetSpec,
    DailyPartitionsDefinition,
    LastPartitionMapping,
    PartitionsDefinition,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    WeeklyPartitionsDefinition,
    asset,
    asset_check,
    multi_asset,
    multi_asset_check,
)
from bridge.assets import AssetsDefinition
from bridge.errors import ConfigError, DefinitionError
from bridge.graph import AssetGraph
from bridge.project import find_project

DAYS = DailyPartitionsDefinition("2024-01-01")


def named(name: str, **facts: Any) -> AssetsDefinition:
    @asset(name=name, **facts)
    def computed() -> None:
        pass

    return computed


def check(of: AssetsDefinition, name: str, *, blocking: bool | None = None) -> Any:
    @asset_check(asset=of, name=name, blocking=blocking)
    def answered() -> bool:
        return True

    return answered


def planned(assets: Iterable[Any], checks: Iterable[Any] = ()) -> Manifest:
    graph = AssetGraph.build(list(assets), list(checks))
    return plan_dags(graph, find_project(Path(__file__).parent)).manifest


def dags(assets: Iterable[Any], checks: Iterable[Any] = ()) -> dict[str, DagPlan]:
    return {plan.dag_id: plan for plan in planned(assets, checks).dags}


def waits(plan: DagPlan) -> dict[str, tuple[str, ...]]:
    return {task.task_id: task.upstream for task in plan.tasks}


def test_there_is_one_dag_for_each_group() -> None:
    groups = {"a": "x", "b": "y", "c": "x"}
    found = dags([named(name, group_name=group) for name, group in groups.items()])

    assert {name: list(waits(plan)) for name, plan in found.items()} == {
        "x__assets": ["a", "c"],
        "y__assets": ["b"],
    }


def test_a_group_with_several_partitions_definitions_has_a_dag_for_each() -> None:
    found = dags([named("a"), named("b", partitions_def=DAYS)])

    assert set(found) == {"default__assets__daily", "default__assets__unpartitioned"}


def test_two_daily_definitions_of_a_group_have_names_that_do_not_depend_on_each_other() -> None:
    others = [DailyPartitionsDefinition(f"2024-01-{day:02}") for day in (2, 3)]
    first = dags([named("a", partitions_def=DAYS), named("b", partitions_def=others[0])])
    second = dags([named("a", partitions_def=DAYS), named("b", partitions_def=others[1])])

    assert len(set(first) & set(second)) == 1


def test_a_daily_dag_has_one_interval_a_partition() -> None:
    days = DailyPartitionsDefinition(
        "2024-01-01", "2024-02-02", timezone="Europe/Zurich", hour_offset=6, minute_offset=30
    )
    [plan] = dags([named("a", partitions_def=days)]).values()

    assert (plan.schedule.crons, plan.schedule.timezone) == (("30 6 * * *",), "Europe/Zurich")
    assert (plan.schedule.start, plan.schedule.end) == (
        "2024-01-01T06:30:00",
        "2024-01-31T06:30:00",
    )


def test_another_cadence_has_one_interval_a_partition_too() -> None:
    weeks = WeeklyPartitionsDefinition(
        "2024-01-01", "2024-02-05", day_offset=1, end_offset=1, timezone="Europe/Zurich"
    )
    [plan] = dags([named("a", partitions_def=weeks)]).values()

    assert (plan.schedule.crons, plan.schedule.timezone) == (("0 0 * * 1",), "Europe/Zurich")
    # the week that is still open is computed at its beginning
    assert (plan.schedule.start, plan.schedule.end) == (
        "2023-12-25T00:00:00",
        "2024-01-22T00:00:00",
    )
    assert plan.description == "The assets of the group default, one partition a week"


@pytest.mark.parametrize(
    ("definition", "what"),
    [
        (StaticPartitionsDefinition(["a", "b"]), "static partitions"),
        (
            DailyPartitionsDefinition("2024-01-01", exclusions=["0 0 * * 0"], end_offset=1),
            "with exclusions and an end_offset",
        ),
    ],
)
def test_partitions_that_are_no_data_intervals_have_no_schedule_and_that_is_said(
    definition: PartitionsDefinition, what: str
) -> None:
    graph = AssetGraph.build([named("a", partitions_def=definition)], [])
    found = plan_dags(graph, find_project(Path(__file__).parent))
    [plan] = found.manifest.dags
    [finding] = found.findings

    assert plan.schedule == Schedule()
    assert what in finding.message
    assert '{"partition": "…"}' in plan.doc[0]


def test_windows_that_are_left_out_are_no_runs() -> None:
    days = DailyPartitionsDefinition(
        "2024-01-01", exclusions=["0 0 * * 0", datetime(2024, 1, 5, tzinfo=timezone.utc)]
    )
    [plan] = dags([named("a", partitions_def=days)]).values()

    assert plan.schedule == Schedule(
        kind="ticks",
        crons=("0 0 * * *",),
        start="2024-01-01T00:00:00",
        exclusions=("0 0 * * 0", "at 2024-01-05T00:00:00+00:00"),
    )


@pytest.mark.parametrize(("offset", "start"), [(1, "2023-12-31"), (-2, "2024-01-03")])
def test_the_first_interval_is_the_one_at_whose_end_the_first_partition_exists(
    offset: int, start: str
) -> None:
    days = DailyPartitionsDefinition("2024-01-01", end_offset=offset)
    [plan] = dags([named("a", partitions_def=days)]).values()

    assert plan.schedule.start == f"{start}T00:00:00"


def test_downstream_waits_for_the_blocking_checks() -> None:
    a = named("a")
    b = named("b", deps=[a])
    [plan] = dags([a, b], [check(a, "one"), check(a, "silent", blocking=False)]).values()

    assert waits(plan) == {"a": (), "a-check-one": ("a",), "b": ("a-check-one",)}
    assert {task.task_id for task in plan.tasks if task.outlets} == {"a-check-one", "b"}


def test_several_blocking_checks_end_in_a_gate_which_emits_the_event() -> None:
    a = named("a")
    b = named("b", deps=[a])
    [plan] = dags([a, b], [check(a, "one"), check(a, "two", blocking=True)]).values()

    assert waits(plan)["a-checked-"] == ("a-check-one", "a-check-two")
    assert waits(plan)["b"] == ("a-checked-",)
    assert {task.task_id for task in plan.tasks if task.outlets} == {"a-checked-", "b"}


def test_assets_that_something_else_writes_have_no_task() -> None:
    seen = AssetSpec("seen")
    [plan] = dags([seen, named("a", deps=["seen"])]).values()

    assert waits(plan) == {"a": ()}
    assert plan.schedule.kind == "none"
    assert "does not wait for: seen (written by something outside)" in plan.doc[-1]


def test_a_dag_starts_when_all_it_reads_of_other_dags_was_updated() -> None:
    seen = AssetSpec("seen", uri="s3://lake/seen", produced_by=["airflow:etl.load"])
    a = named("a", group_name="x", partitions_def=DAYS)
    found = dags([seen, a, named("b", group_name="y", deps=[a, "seen"])])

    assert found["y__assets"].schedule.assets == ("x-bridge://a", "s3://lake/seen")
    assert "to name the URI as its outlet: seen (airflow:etl.load)" in found["y__assets"].doc[-1]


def test_a_partitioned_dag_keeps_its_schedule_and_says_what_it_does_not_wait_for() -> None:
    a = named("a", group_name="x")
    found = dags([a, named("b", group_name="y", deps=[a], partitions_def=DAYS)])

    assert found["y__assets"].schedule.assets == ()
    assert "does not wait for: a (DAG x__assets)." in found["y__assets"].doc[-1]


def test_dags_that_would_start_each_other_for_ever_have_no_schedule() -> None:
    a = named("a", group_name="x")
    b = named("b", group_name="y", deps=[a])
    c = named("c", group_name="x", deps=[b])
    d = named("d", group_name="z", deps=[c])
    found = dags([a, b, c, d])

    assert [found[name].schedule.assets for name in ("x__assets", "y__assets")] == [(), ()]
    assert found["z__assets"].schedule.assets == ("x-bridge://c",)
    assert "cannot start each other" in found["y__assets"].doc[-1]


def test_what_legacy_tasks_write_too_is_paused_at_first() -> None:
    legacy = AssetSpec("a", produced_by=["airflow:etl.load"])
    [plan] = dags([legacy, named("a")]).values()

    assert plan.is_paused_at_first
    assert "a (airflow:etl.load)" in plan.doc[-1]


def test_the_order_of_definition_changes_nothing() -> None:
    a, b, c = named("a"), named("b", deps=["a"]), named("c", deps=["a"])
    checks = [check(a, "one"), check(a, "two")]

    assert planned([a, b, c], checks) == planned([c, b, a], reversed(checks))


def test_another_asset_changes_no_name_and_no_other_dag() -> None:
    a, b = named("a", group_name="x"), named("b", group_name="y")
    before, after = dags([a, b]), dags([a, b, named("c", group_name="y", deps=[b])])

    assert before["x__assets"].hash == after["x__assets"].hash
    assert set(waits(before["y__assets"])) < set(waits(after["y__assets"]))


def test_a_manifest_comes_back_from_its_json(tmp_path: Path) -> None:
    a = named("groesse", group_name="x", partitions_def=DAYS, owners=["team:x"])
    manifest = planned([a, named("b", deps=[a])], [check(a, "one")])
    file = tmp_path / "manifest.json"
    file.write_text(manifest.to_json(), encoding="utf-8")

    assert read_manifest(file) == manifest
    assert read_manifest(file, "x__assets").dags == manifest.dags[1:]


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2}', '{"version": 1, "dags": [{}]}'])
def test_what_is_no_manifest_of_ours_is_refused_with_what_to_do(text: str, tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(text)

    with pytest.raises(ConfigError, match="python -m bridge generate"):
        read_manifest(file)


def two(**settings: Any) -> AssetsDefinition:
    @multi_asset(specs=[AssetSpec("x", deps=["a"]), AssetSpec("y", skippable=True)], **settings)
    def both() -> None:
        """Reads once."""

    return both


def outlets(plan: DagPlan) -> dict[str, tuple[str, ...]]:
    return {task.task_id: task.outlets for task in plan.tasks if task.outlets}


def test_a_function_of_several_assets_is_one_task_with_several_outlets() -> None:
    @multi_asset(specs=[AssetSpec("x", deps=["a"]), AssetSpec("y", deps=["x"])])
    def both() -> None:
        """Reads once."""

    [plan] = dags([named("a"), both, named("z", deps=["y"])]).values()

    assert waits(plan) == {"a": (), "x-by-both": ("a",), "z": ("x-by-both",)}
    assert outlets(plan)["x-by-both"] == ("x-bridge://x", "x-bridge://y")
    assert [task.doc for task in plan.tasks][1] == "Reads once."


def test_what_may_be_left_out_has_a_task_that_is_skipped_then() -> None:
    [plan] = dags(
        [named("a"), two(), named("of_x", deps=["x"]), named("of_y", deps=["y"])]
    ).values()

    assert waits(plan) == {
        "a": (),
        "x-by-both": ("a",),
        "of_x": ("x-by-both",),
        "y-made-": ("x-by-both",),
        "of_y": ("y-made-",),
    }
    assert outlets(plan)["x-by-both"] == ("x-bridge://x",)
    assert outlets(plan)["y-made-"] == ("x-bridge://y",)


def test_the_task_of_one_asset_that_may_be_left_out_is_skipped_itself() -> None:
    [plan] = dags([named("a", output_required=False), named("b", deps=["a"])]).values()

    assert waits(plan) == {"a": (), "b": ("a",)}


def test_checks_of_each_of_its_assets_gate_only_what_reads_that() -> None:
    found = two()
    checked = check_of("x", "one"), check_of("y", "two")
    [plan] = dags(
        [named("a"), found, named("of_x", deps=["x"]), named("of_y", deps=["y"])], checked
    ).values()

    assert waits(plan)["of_x"] == ("x-check-one",)
    assert waits(plan)["of_y"] == ("y-check-two",)
    assert waits(plan)["y-check-two"] == ("x-by-both",)


def test_a_function_whose_assets_are_in_several_groups_is_where_its_first_asset_is() -> None:
    @multi_asset(specs=[AssetSpec("x", group_name="one"), AssetSpec("y", group_name="two")])
    def both() -> None: ...

    found = dags([both, named("z", group_name="two", deps=["y"])])

    assert waits(found["one__assets"]) == {"x-by-both": ()}
    assert found["two__assets"].schedule.assets == ("x-bridge://y",)
    assert found["one__assets"].doc[-1].endswith("assets of other groups too: y (two).")


def test_a_function_that_comes_twice_on_one_way_is_two_tasks_where_it_may_be() -> None:
    @multi_asset(specs=[AssetSpec("x"), AssetSpec("y", deps=["between"])], can_subset=True)
    def both() -> None: ...

    [plan] = dags([both, named("between", deps=["x"])]).values()

    assert waits(plan) == {
        "x-by-both": (),
        "between": ("x-by-both",),
        "y-by-both": ("between",),
    }


def check_of(key: str, name: str) -> Any:
    @asset_check(asset=key, name=name)
    def answered() -> bool:
        return True

    return answered


def answering(*names: str, blocking: bool) -> Any:
    specs = [AssetCheckSpec(name, key, blocking=blocking) for key, name in map(split, names)]

    @multi_asset_check(specs=specs)
    def answers() -> None: ...

    return answers


def split(name: str) -> tuple[str, str]:
    key, _, check_name = name.partition(":")
    return key, check_name


def test_a_function_that_answers_several_blocking_checks_is_one_task() -> None:
    [plan] = dags(
        [named("a"), named("b", deps=["a"])], [answering("a:one", "a:two", blocking=True)]
    ).values()

    assert waits(plan) == {"a": (), "a-checks-one": ("a",), "b": ("a-checks-one",)}
    assert plan.tasks[1].checks == ("a:one", "a:two")
    assert outlets(plan)["a-checks-one"] == ("x-bridge://a",)


def test_a_function_that_checks_several_assets_comes_after_all_of_them() -> None:
    [plan] = dags(
        [named("a"), named("b"), named("c", deps=["b"])],
        [answering("a:one", "b:two", blocking=True)],
    ).values()

    assert waits(plan)["a-checks-one"] == ("a", "b")
    assert waits(plan)["c"] == ("a-checks-one",)
    assert outlets(plan)["a-checks-one"] == ("x-bridge://a", "x-bridge://b")


def test_checks_of_one_function_that_do_not_block_are_asked_by_the_assets_task() -> None:
    [plan] = dags([named("a")], [answering("a:one", "a:two", blocking=False)]).values()

    assert waits(plan) == {"a": ()}


@pytest.mark.parametrize("blocking", [True, False])
def test_a_check_that_reads_another_asset_waits_for_that(blocking: bool) -> None:
    @asset_check(asset="a", additional_deps=["b"], blocking=blocking)
    def reads_another() -> bool:
        return True

    [plan] = dags([named("a"), named("b"), named("c", deps=["a"])], [reads_another]).values()

    assert waits(plan)["a-check-reads_another"] == ("a", "b")
    assert waits(plan)["c"] == (("a-check-reads_another",) if blocking else ("a",))


def test_a_check_that_reads_upstream_waits_for_nothing_more() -> None:
    @asset_check(asset="a", additional_deps=["b"])
    def reads_upstream() -> bool:
        return True

    [plan] = dags([named("a", deps=["b"]), named("b")], [reads_upstream]).values()

    assert waits(plan)["a-check-reads_upstream"] == ("a",)


def test_an_assets_own_checks_are_part_of_its_task() -> None:
    own = named("a", check_specs=[AssetCheckSpec("right", "a")])
    [plan] = dags([own, named("b", deps=[own])]).values()

    assert waits(plan) == {"a": (), "b": ("a",)}


YESTERDAY = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)


def past(plan: DagPlan) -> dict[str, str | None]:
    return {task.task_id: task.after_past for task in plan.tasks}


def test_an_asset_that_reads_its_past_waits_for_its_run_before() -> None:
    total = named("total", deps=[AssetDep("total", YESTERDAY)], partitions_def=DAYS)
    [plan] = dags([total]).values()

    assert past(plan) == {"total": "task"}
    assert plan.max_active_runs == 1
    assert plan.doc[-2:] == (
        "By partition, total reads itself (1 window before).",
        "One run at a time, and the task of each of these waits for its run before: total.",
    )


def test_it_waits_for_its_blocking_checks_too() -> None:
    total = named("total", deps=[AssetDep("total", YESTERDAY)], partitions_def=DAYS)
    [plan] = dags([total], [check(total, "fits")]).values()

    assert past(plan) == {"total": "checks", "total-check-fits": None}


def test_what_is_read_a_window_later_waits_so_that_it_is_there() -> None:
    a = named("a", partitions_def=DAYS)
    week = TimeWindowPartitionMapping(start_offset=-6)
    b = named("b", deps=[AssetDep(a, week)], partitions_def=DAYS)
    [plan] = dags([a, b]).values()

    assert past(plan) == {"a": "task", "b": None}
    assert waits(plan) == {"a": (), "b": ("a",)}


def test_another_dag_waits_for_what_it_reads_of_the_past_and_not_for_its_run_before() -> None:
    a = named("a", partitions_def=DAYS, group_name="x")
    b = named("b", deps=[AssetDep(a, YESTERDAY)], partitions_def=DAYS, group_name="y")
    found = dags([a, b])

    assert past(found["x__assets"]) == {"a": None}
    assert past(found["y__assets"]) == {"b-waits-": None, "b": None}
    assert "By partition, b reads a (1 window before)." in found["y__assets"].doc


def test_other_mappings_read_what_is_there() -> None:
    a = named("a", partitions_def=DAYS)
    b = named("b", deps=[AssetDep(a, LastPartitionMapping())], partitions_def=DAYS)
    [plan] = dags([a, b]).values()

    assert past(plan) == {"a": None, "b": None}
    assert plan.doc[-1] == "By partition, b reads a (the last partition)."


def test_later_windows_are_refused() -> None:
    a = named("a", partitions_def=DAYS)
    tomorrow = TimeWindowPartitionMapping(end_offset=1)
    b = named("b", deps=[AssetDep(a, tomorrow)], partitions_def=DAYS)

    with pytest.raises(DefinitionError, match="Asset b reads a by its own window and 1 after") as e:
        dags([a, b])

    assert f"At {__file__}:" in str(e.value)


def test_what_waits_for_its_past_survives_the_manifest(tmp_path: Path) -> None:
    total = named("total", deps=[AssetDep("total", YESTERDAY)], partitions_def=DAYS)
    manifest = planned([total, named("other")])
    file = tmp_path / "manifest.json"
    file.write_text(manifest.to_json())

    assert read_manifest(file) == manifest
    assert manifest.to_json().count("after_past") == 1
