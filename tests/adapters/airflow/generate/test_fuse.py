"""Fused groups: which assets are one task, what that task waits for, and what cannot be one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.airflow.generate.manifest import DagPlan, TaskPlan, read_manifest
from adapters.airflow.generate.plan import plan_dags
from adapters.airflow.generate.render import render
from bridge import (
    AssetSpec,
    DailyPartitionsDefinition,
    RetryPolicy,
    asset,
    asset_check,
    define_asset_job,
    multi_asset,
)
from bridge.definitions import Definitions
from bridge.errors import ConfigError, DefinitionError
from bridge.project import GenerateSettings, find_project


def dags(
    assets: list[Any], checks: list[Any] = (), *, fuse: list[str], jobs: list[Any] = ()
) -> dict[str, DagPlan]:
    definitions = Definitions(assets, list(checks), jobs=list(jobs))
    graph = definitions.graph()
    project = replace(find_project(Path("/nowhere")), generate=GenerateSettings(fuse=fuse))
    planned = plan_dags(graph, project, definitions.automation(graph))
    return {dag.dag_id: dag for dag in planned.manifest.dags}


def tasks(assets: list[Any], checks: list[Any] = (), **options: Any) -> dict[str, TaskPlan]:
    (dag,) = dags(assets, checks, fuse=["shop"], **options).values()
    return {task.task_id: task for task in dag.tasks}


def make(name: str, *deps: str, group: str = "shop", **options: Any) -> Any:
    @asset(name=name, deps=list(deps), group_name=group, **options)
    def made() -> None: ...

    return made


def check(of: str, *, name: str = "holds", reads: list[str] = (), blocking: bool = True) -> Any:
    @asset_check(asset=of, name=name, blocking=blocking, additional_deps=list(reads))
    def answered() -> bool:
        return True

    return answered


CHAIN = [make("a"), make("b", "a"), make("c", "b")]


def test_a_chain_is_one_task_with_an_outlet_for_each() -> None:
    found = tasks(CHAIN)

    (task,) = found.values()
    assert task.task_id == "a-fused-"
    assert (task.kind, task.assets) == ("fused", ("a", "b", "c"))
    assert task.outlets == ("x-bridge://a", "x-bridge://b", "x-bridge://c")
    assert task.fingerprint is not None


def test_what_does_not_read_each_other_stays_apart() -> None:
    found = tasks([*CHAIN, make("d"), make("e"), make("f", "e")])

    assert {name: task.assets for name, task in found.items()} == {
        "a-fused-": ("a", "b", "c"),
        "d": ("d",),
        "e-fused-": ("e", "f"),
    }


def test_its_blocking_checks_are_asked_inside() -> None:
    assert list(tasks(CHAIN, [check("a"), check("b", name="other", reads=["a"])])) == ["a-fused-"]


def test_a_group_that_is_not_named_stays_as_it_is() -> None:
    found = dags([*CHAIN, make("x", group="other"), make("y", "x", group="other")], fuse=["shop"])

    assert {name: [task.kind for task in dag.tasks] for name, dag in found.items()} == {
        "other__assets": ["asset", "asset"],
        "shop__assets": ["fused"],
    }


def test_a_job_is_fused_by_its_name() -> None:
    found = dags(CHAIN, fuse=["nightly"], jobs=[define_asset_job("nightly", "*")])

    (task,) = found["nightly"].tasks
    assert task.assets == ("a", "b", "c")


def test_a_function_of_several_assets_is_fused_whole() -> None:
    @multi_asset(specs=[AssetSpec(name, deps=["a"], group_name="shop") for name in ("m", "n")])
    def both() -> None: ...

    (task,) = tasks([make("a"), both, make("z", "n")]).values()

    assert task.assets == ("a", "m", "n", "z")


def test_other_tasks_of_its_dag_wait_for_it() -> None:
    reader = make("r", "b", group="rest")
    found = dags([*CHAIN, reader], fuse=["shop"], jobs=[define_asset_job("all", "*")])["all"]

    assert {task.task_id: task.upstream for task in found.tasks} == {
        "a-fused-": (),
        "r": ("a-fused-",),
    }


def test_what_may_be_left_out_gates_those_who_read_it_outside() -> None:
    assets = [make("a"), make("b", "a", output_required=False), make("r", "b", group="rest")]

    found = dags(assets, fuse=["shop"], jobs=[define_asset_job("all", "*")])["all"]

    assert {task.task_id: task.upstream for task in found.tasks} == {
        "a-fused-": (),
        "b-made-": ("a-fused-",),
        "r": ("b-made-",),
    }
    assert {task.task_id: task.outlets for task in found.tasks}["a-fused-"] == ("x-bridge://a",)


def test_retries_are_left_to_the_functions() -> None:
    retrying = make("a", retry_policy=RetryPolicy(max_retries=3))

    (task,) = tasks([retrying, make("b", "a")]).values()

    assert task.settings.retries is None


def test_one_pool_holds_for_the_task() -> None:
    (task,) = tasks([make("a", pool="db"), make("b", "a")]).values()

    assert task.settings.pool == "db"


@pytest.mark.parametrize(
    ("assets", "checks", "message"),
    [
        (
            [make("a", pool="db"), make("b", "a", pool="lake")],
            [],
            "different pools: a .db. and b .lake.. Give them the same",
        ),
        (
            [
                make("a", tags={"airflow/queue": "big"}),
                make("b", "a", tags={"airflow/queue": "small"}),
            ],
            [],
            "tag airflow/queue with big and small. Keep one",
        ),
        (
            [make("a"), make("x", "a", group="rest"), make("b", "x", "a")],
            [],
            "a and what reads x cannot be one task: x is a task of its own",
        ),
        (
            [make("a"), make("b", "a"), make("x", group="rest")],
            [check("a", reads=["x"])],
            "blocking check holds of a is about what the fused task of it does not compute, and b",
        ),
        (
            [
                make("a", output_required=False),
                make("b", "a"),
                make("r", "b", group="rest"),
            ],
            [],
            "r reads b from outside of its fused task, .* leaves out a. Fuse both, or none",
        ),
    ],
)
def test_what_cannot_be_one_task_is_refused(
    assets: list[Any], checks: list[Any], message: str
) -> None:
    with pytest.raises(DefinitionError, match=message):
        dags(assets, checks, fuse=["shop"], jobs=[define_asset_job("all", "*")])


def test_a_name_that_is_no_group_is_refused() -> None:
    with pytest.raises(ConfigError, match="names 'shops', which is no group and no job"):
        dags(CHAIN, fuse=["shops"])


def test_a_fused_task_survives_the_manifest_and_is_rendered(tmp_path: Path) -> None:
    definitions = Definitions(CHAIN)
    project = replace(find_project(tmp_path), generate=GenerateSettings(fuse=["shop"]))
    manifest = plan_dags(definitions.graph(), project).manifest
    file = tmp_path / "manifest.json"
    file.write_text(manifest.to_json())

    assert read_manifest(file) == manifest
    (dag,) = manifest.dags
    text = render(dag)
    assert "a__fused = FusedAssetsOperator(" in text
    assert 'asset_keys=["a", "b", "c"],' in text


def test_it_waits_for_what_all_of_it_reads_of_other_dags() -> None:
    days = DailyPartitionsDefinition("2024-01-01")
    assets = [
        make("a", partitions_def=days),
        make("b", "a", "u", partitions_def=days),
        make("u", group="other", partitions_def=days),
    ]

    found = dags(assets, fuse=["shop"])["shop__assets"]

    assert {task.task_id: task.upstream for task in found.tasks} == {
        "a-fused--waits-": (),
        "a-fused-": ("a-fused--waits-",),
    }
    assert found.tasks[0].assets == ("b",)
    assert set(found.tasks[0].waits_for) == {"u"}
