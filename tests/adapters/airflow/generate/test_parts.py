"""DAGs in several files: how many in one, and that the others stay when one comes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.airflow.generate.files import generate_files
from adapters.airflow.generate.manifest import DagPlan, read_manifest
from adapters.airflow.generate.parts import AT_MOST, parts_of
from adapters.airflow.generate.schedule import Schedule
from bridge import asset
from bridge.graph import AssetGraph
from bridge.project import GenerateSettings, Project, find_project

ids = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=40)


def plan_of(dag_id: str) -> DagPlan:
    return DagPlan(
        dag_id=dag_id,
        group=None,
        description="Some assets",
        doc=(),
        tags=(),
        schedule=Schedule(),
        max_active_runs=1,
        is_paused_at_first=False,
        partitions=None,
        tasks=(),
    )


def graph_of(groups: int) -> AssetGraph:
    assets = []
    for number in range(groups):

        @asset(name=f"asset_{number}", group_name=f"group_{number}")
        def made() -> None: ...

        assets.append(made)
    return AssetGraph.build(assets)


def project_in(folder: Path, settings: GenerateSettings | None = None) -> Project:
    found = replace(find_project(folder), generated=folder)
    return found if settings is None else replace(found, generate=settings)


@given(ids, st.integers(1, 5))
def test_every_dag_is_in_one_part_and_none_is_too_large(names: list[str], at_most: int) -> None:
    parts = parts_of(map(plan_of, names), at_most)

    assert sorted(plan.dag_id for part in parts.values() for plan in part) == sorted(names)
    assert all(len(part) <= at_most for part in parts.values())


@given(ids, st.text(min_size=1, max_size=8), st.integers(1, 5))
def test_another_dag_changes_no_part_but_its_own(names: list[str], new: str, at_most: int) -> None:
    before = parts_of(map(plan_of, names), at_most)
    after = parts_of(map(plan_of, dict.fromkeys([*names, new])), at_most)

    (home,) = (name for name, part in after.items() if any(plan.dag_id == new for plan in part))
    others = {name: part for name, part in before.items() if not home.startswith(name)}
    assert others.items() <= after.items()


def test_fifty_dags_are_one_file_and_a_hundred_more_are_several(tmp_path: Path) -> None:
    one = generate_files(graph_of(AT_MOST), project_in(tmp_path)).files
    several = generate_files(graph_of(3 * AT_MOST), project_in(tmp_path)).files

    assert [file.path.name for file in one] == ["manifest.json", "bridge_dags.py"]
    loaders = [file for file in several if file.path.suffix == ".py"]
    assert len(loaders) >= 3
    for loader in loaders:
        manifest = loader.path.name.replace("bridge_dags", "manifest").replace(".py", ".json")
        assert f'manifest="{manifest}"' in loader.text
        (text,) = (file.text for file in several if file.path.name == manifest)
        (tmp_path / manifest).write_text(text)
        assert 0 < len(read_manifest(tmp_path / manifest).dags) <= AT_MOST


@pytest.mark.parametrize(
    ("form", "there", "in_the_way"),
    [
        ("loader", ["group_0__assets.py", "bridge_dags.py"], ["group_0__assets.py"]),
        ("loader", ["bridge_dags_0.py", "manifest_0.json"], ["bridge_dags_0.py"]),
        ("loader", ["group_7__assets.py", "mine.py"], []),
        ("rendered", ["bridge_dags_0.py", "manifest_0.json"], ["bridge_dags_0.py"]),
        ("rendered", ["group_0__assets.py", "group_7__assets.py"], []),
    ],
)
def test_what_defines_the_same_dags_otherwise_is_in_the_way(
    form: str, there: list[str], in_the_way: list[str], tmp_path: Path
) -> None:
    for name in there:
        (tmp_path / name).touch()
    project = project_in(tmp_path, GenerateSettings.model_validate({"form": form}))

    found = generate_files(graph_of(2), project).in_the_way

    assert [path.name for path in found] == in_the_way
