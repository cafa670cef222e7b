"""Which DAG runs a run of ours becomes."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from adapters.airflow.generate.plan import plan_dags
from adapters.airflow.launch.parts import part_runs, shares
from bridge import (
    AssetKey,
    DailyPartitionsDefinition,
    Definitions,
    asset,
    define_asset_job,
)
from bridge.errors import DefinitionError
from bridge.execution import plan
from bridge.project import find_project
from bridge.runs import RemotePart, Run, RunTarget

NOW = datetime(2024, 3, 1, tzinfo=timezone.utc)
DAYS = DailyPartitionsDefinition("2024-01-01")


@asset(group_name="shop", partitions_def=DAYS)
def orders() -> None: ...


@asset(group_name="shop", partitions_def=DAYS, deps=[orders])
def revenue() -> None: ...


@asset(group_name="reports", deps=[revenue])
def report() -> None: ...


@asset(group_name="left")
def first() -> None: ...


@asset(group_name="right", deps=[first])
def second() -> None: ...


@asset(group_name="left", deps=[second])
def third() -> None: ...


@asset(group_name="spare")
def in_two_jobs() -> None: ...


DEFS = Definitions(
    [orders, revenue, report, first, second, third, in_two_jobs],
    jobs=[define_asset_job(name, "in_two_jobs") for name in ("early", "late")],
)


def parts(
    *names: str, partition: str | None = None, job: str | None = None
) -> list[tuple[int, str, str, tuple[str, ...], str | None]]:
    graph = DEFS.graph()
    keys = [AssetKey(name) for name in names]
    manifest = plan_dags(
        graph, find_project(Path(__file__).parent), DEFS.automation(graph)
    ).manifest
    todo = plan(graph, keys, partition=partition, now=NOW)
    run = Run(id="abc", status="queued", created_at=NOW, target=RunTarget(assets=tuple(keys)))
    found: list[RemotePart] = []
    for stage, share in enumerate(shares(todo, manifest, job)):
        found += part_runs(run, share, stage, one_by_one=False)
    return [(p.stage, p.name, p.id, tuple(map(str, p.assets)), p.partition) for p in found]


def test_a_whole_dag_is_one_run_that_names_no_assets() -> None:
    assert parts("orders", "revenue", partition="2024-01-02") == [
        (0, "shop__assets", "bridge__abc", (), "2024-01-02")
    ]


def test_some_assets_of_a_dag_are_named() -> None:
    assert parts("revenue", partition="2024-01-02") == [
        (0, "shop__assets", "bridge__abc", ("revenue",), "2024-01-02")
    ]


def test_each_partition_of_a_range_is_a_run_with_an_id_of_its_own() -> None:
    assert [
        (name, id_, day)
        for _, name, id_, _, day in parts("orders", "revenue", partition="2024-01-02...2024-01-03")
    ] == [
        ("shop__assets", "bridge__abc_00000", "2024-01-02"),
        ("shop__assets", "bridge__abc_00001", "2024-01-03"),
    ]


def test_assets_of_several_dags_are_several_runs_upstream_first() -> None:
    assert [
        (stage, name) for stage, name, *_ in parts("report", "revenue", partition="2024-01-02")
    ] == [
        (0, "shop__assets"),
        (1, "reports__assets"),
    ]


@pytest.mark.parametrize("job", ["early", "late"])
def test_the_dag_of_the_runs_own_job_comes_first(job: str) -> None:
    assert [name for _, name, *_ in parts("in_two_jobs", job=job)] == [job]


def test_dags_that_would_wait_for_each_other_are_refused() -> None:
    with pytest.raises(DefinitionError, match=r"left__assets, right__assets read each other"):
        parts("first", "second", "third")


def test_a_dag_of_fused_assets_computes_them_all(tmp_path: Path) -> None:
    (tmp_path / "bridge.toml").write_text('[generate]\nfuse = ["shop"]\n')
    graph = DEFS.graph()
    manifest = plan_dags(graph, find_project(tmp_path), DEFS.automation(graph)).manifest
    todo = plan(graph, [AssetKey("orders")], partition="2024-01-02", now=NOW)

    [share] = shares(todo, manifest, None)

    assert (share.dag.dag_id, share.is_whole) == ("shop__assets", False)
