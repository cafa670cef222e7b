"""Which tasks wait for upstream partitions of other DAGs, and which read what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.airflow.generate.manifest import DagPlan, Settings, TaskPlan, read_manifest
from adapters.airflow.generate.plan import plan_dags
from adapters.airflow.generate.render import render
from bridge import (
    AssetDep,
    AssetSpec,
    DailyPartitionsDefinition,
    TimeWindowPartitionMapping,
    asset,
    define_asset_job,
    multi_asset,
)
from bridge.assets import AssetsDefinition
from bridge.definitions import Definitions
from bridge.errors import DefinitionError
from bridge.graph import AssetGraph
from bridge.project import GenerateSettings, find_project

DAYS = DailyPartitionsDefinition("2024-01-01")
LEGACY = AssetSpec("weather", partitions_def=DAYS, produced_by=("airflow:etl.load",))


def daily(name: str, group: str, *deps: str, **facts: Any) -> AssetsDefinition:
    @asset(name=name, group_name=group, deps=deps, partitions_def=DAYS, **facts)
    def computed() -> None:
        pass

    return computed


def dags(
    *assets: Any, wait_timeout_s: float = 60.0, fuse: Sequence[str] = ()
) -> dict[str, DagPlan]:
    project = replace(
        find_project(Path(__file__).parent),
        generate=GenerateSettings(wait_timeout_s=wait_timeout_s, fuse=list(fuse)),
    )
    return {dag.dag_id: dag for dag in plan_dags(AssetGraph.build(assets), project).manifest.dags}


def tasks(dag: DagPlan) -> dict[str, TaskPlan]:
    return {task.task_id: task for task in dag.tasks}


def test_a_partition_waits_for_those_that_it_reads_of_another_dag() -> None:
    dag = dags(daily("a", "x"), daily("b", "y", "a"), daily("c", "y", "b"))["y__assets"]

    assert {name: task.upstream for name, task in tasks(dag).items()} == {
        "b-waits-": (),
        "b": ("b-waits-",),
        "c": ("b",),
    }
    wait = tasks(dag)["b-waits-"]
    assert (wait.kind, wait.assets, wait.waits_for) == ("wait", ("b",), {"a": "DAG x__assets"})
    assert wait.settings == Settings(timeout_s=60.0)
    assert wait.outlets == ()
    assert "It waits for the partitions that it reads of: a (DAG x__assets)." in dag.doc
    assert not any("does not wait" in sentence for sentence in dag.doc)


def test_two_dags_that_read_each_other_wait_task_by_task() -> None:
    found = dags(daily("a", "x"), daily("b", "y", "a"), daily("c", "x", "b"))

    assert tasks(found["x__assets"])["a"].upstream == ()
    assert tasks(found["x__assets"])["c"].upstream == ("c-waits-",)
    assert tasks(found["y__assets"])["b"].upstream == ("b-waits-",)
    assert not any("cannot start each other" in each for each in found["x__assets"].doc)


def test_a_fused_task_that_would_wait_for_itself_is_refused() -> None:
    def assets(**facts: Any) -> list[AssetsDefinition]:
        return [daily("a", "x"), daily("b", "y", "a"), daily("c", "x", "a", "b", **facts)]

    said = r"wait for each other: x__assets: a-fused-, .*generate\.fuse.*wait_timeout_s of 0"
    with pytest.raises(DefinitionError, match=said):
        dags(*assets(), fuse=["x"])
    reads_what_is_there = dags(*assets(tags={"airflow/wait_timeout_s": "0"}), fuse=["x"])
    assert list(tasks(reads_what_is_there["x__assets"])) == ["a-fused-"]


def test_so_is_a_function_of_several_but_not_for_partitions_from_before() -> None:
    def load(mapping: TimeWindowPartitionMapping | None) -> AssetsDefinition:
        @multi_asset(
            specs=[
                AssetSpec("a", partitions_def=DAYS, group_name="x"),
                AssetSpec("c", deps=[AssetDep("b", mapping)], partitions_def=DAYS, group_name="x"),
            ],
            can_subset=True,
        )
        def both() -> None: ...

        return both

    yesterday = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
    with pytest.raises(DefinitionError, match="wait for each other"):
        dags(load(None), daily("b", "y", "a"))
    found = dags(load(yesterday), daily("b", "y", "a"))
    assert "a-by-both-waits-" in tasks(found["x__assets"])


def test_what_a_legacy_task_writes_is_waited_for() -> None:
    [dag] = dags(LEGACY, daily("b", "y", "weather")).values()

    assert tasks(dag)["b-waits-"].waits_for == {"weather": "airflow:etl.load"}


def test_what_nobody_is_known_to_write_is_waited_for_only_if_the_reader_says_so() -> None:
    spec = AssetSpec("weather", partitions_def=DAYS)
    said = {"airflow/wait_timeout_s": "5"}
    [silent] = dags(spec, daily("b", "y", "weather")).values()
    [waiting] = dags(spec, daily("b", "y", "weather", tags=said)).values()

    assert list(tasks(silent)) == ["b"]
    assert "It reads what is there, and does not wait for: weather (written by" in silent.doc[2]
    assert tasks(waiting)["b-waits-"].settings.timeout_s == 5.0


def test_what_has_no_partitions_is_read_as_it_is() -> None:
    @asset(group_name="x")
    def whole() -> None: ...

    @asset(group_name="z", deps=["a"])
    def report() -> None: ...

    found = dags(whole, report, daily("a", "x"), daily("b", "y", "whole"))

    assert list(tasks(found["y__assets"])) == ["b"]
    assert list(tasks(found["z__assets"])) == ["report"]


def test_one_task_waits_for_a_function_of_several_assets() -> None:
    @multi_asset(
        specs=[
            AssetSpec(name, deps=deps, partitions_def=DAYS, group_name="y")
            for name, deps in {"b": ["a"], "c": ["weather"], "d": []}.items()
        ]
    )
    def load() -> None: ...

    wait = tasks(dags(daily("a", "x"), LEGACY, load)["y__assets"])["b-by-load-waits-"]

    assert wait.assets == ("b", "c")
    assert wait.waits_for == {"a": "DAG x__assets", "weather": "airflow:etl.load"}


def test_a_job_waits_for_what_is_outside_of_it() -> None:
    defs = Definitions(
        [daily("a", "x"), daily("b", "x", "a")], jobs=[define_asset_job("only_b", ["b"])]
    )
    graph = defs.graph()
    found = plan_dags(graph, find_project(Path(__file__).parent), defs.automation(graph)).manifest
    [job] = [dag for dag in found.dags if dag.dag_id == "only_b"]

    assert tasks(job)["b-waits-"].waits_for == {"a": "DAG x__assets"}


@pytest.mark.parametrize("how", ["setting", "tag"])
def test_waiting_is_left_out_on_request(how: str) -> None:
    tags = {"airflow/wait_timeout_s": "0"} if how == "tag" else {}
    found = dags(
        daily("a", "x"),
        daily("b", "y", "a", tags=tags),
        wait_timeout_s=0 if how == "setting" else 60,
    )

    assert list(tasks(found["y__assets"])) == ["b"]
    assert (
        "It reads what is there, and does not wait for: a (DAG x__assets)."
        in found["y__assets"].doc
    )


def test_tags_say_how_it_waits_and_a_file_says_it_too(tmp_path: Path) -> None:
    tags = {
        "airflow/wait_timeout_s": "120",
        "airflow/wait_poke_interval_s": "7.5",
        "airflow/wait_soft_fail": "true",
        "airflow/queue": "big",
    }
    manifest = plan_dags(
        AssetGraph.build([daily("a", "x"), daily("b", "y", "a", tags=tags)]),
        find_project(Path(__file__).parent),
    ).manifest
    (tmp_path / "manifest.json").write_text(manifest.to_json())
    dag = manifest.dags[1]

    assert tasks(dag)["b-waits-"].settings == Settings(
        queue="big", timeout_s=120.0, poke_interval_s=7.5, soft_fail=True
    )
    assert tasks(dag)["b"].settings == Settings(queue="big")
    assert read_manifest(tmp_path / "manifest.json") == manifest
    text = render(dag)
    for line in ("timeout=120.0,", "poke_interval=7.5,", "soft_fail=True,", "b__waits >> b"):
        assert f"    {line}\n" in text


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("airflow/wait_timeout_s", "soon"),
        ("airflow/wait_timeout_s", "-1"),
        ("airflow/wait_poke_interval_s", "0"),
        ("airflow/wait_soft_fail", "yes"),
    ],
)
def test_a_bad_tag_is_refused_with_its_place(tag: str, value: str) -> None:
    with pytest.raises(DefinitionError, match=rf"b has the tag {tag} with '{value}'; give .* At "):
        dags(daily("a", "x"), daily("b", "y", "a", tags={tag: value}))
