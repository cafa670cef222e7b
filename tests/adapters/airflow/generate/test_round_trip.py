"""Assets become DAG files, our own importer reads these files, and the graph is the same."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adapters.airflow.generate.files import generate_files
from adapters.airflow.generate.plan import plan_dags
from adapters.airflow.generate.render import render
from adapters.airflow.legacy.assets import observed_assets
from adapters.airflow.legacy.proposal import mapping_of
from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot
from adapters.airflow.uris import asset_uri
from bridge import (
    AssetSpec,
    DailyPartitionsDefinition,
    Definitions,
    asset,
    asset_check,
    define_asset_job,
    multi_asset,
)
from bridge.automation.location import Automation
from bridge.errors import BridgeError, DefinitionError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.project import GenerateSettings, find_project
from bridge.uris import canonical

Edges = dict[str, set[str]]
GOLDEN = Path(__file__).parent / "golden"
DAYS = DailyPartitionsDefinition("2024-01-01")
GROUPS = ("north", "south")
words = st.text(st.sampled_from("abc1_.-"), min_size=1, max_size=4)
# argument names are words too, and what cleans file names would not leave dots alone
keys = st.lists(words.map(lambda word: f"t{word}t"), min_size=1, max_size=2).map(AssetKey)


@dataclass(frozen=True)
class Case:
    """What is generated, and how."""

    graph: AssetGraph
    automation: Automation
    settings: GenerateSettings


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Functions of one or two assets in two groups, each after any of those before it; checks, a
    job, sources from outside, fused groups.
    """
    named = draw(st.lists(keys, min_size=1, max_size=7, unique=True))
    assets: list[Any] = []
    checks: list[Any] = []
    made: list[AssetKey] = []
    while named:
        here = [named.pop() for _ in range(min(len(named), draw(st.sampled_from([1, 1, 2]))))]
        group, cut = draw(st.sampled_from(GROUPS)), draw(st.sampled_from([None, DAYS]))
        specs = [
            AssetSpec(
                key,
                deps=draw(deps_among([*made, AssetKey("outside")])),
                group_name=group,
                partitions_def=cut,
                skippable=draw(st.booleans()),
                uri=draw(st.sampled_from([None, f"s3://lake/{len(made)}/{number}"])),
            )
            for number, key in enumerate(here)
        ]
        assets.append(function_of(specs))
        made += here
        for key in here:
            checks += [
                check_of(key, number, draw(st.booleans()))
                for number in range(draw(st.integers(0, 2)))
            ]
    jobs = []
    if draw(st.booleans()):
        chosen = draw(st.sets(st.sampled_from(range(len(assets))), min_size=1))
        selection = [key for number in chosen for key in assets[number].keys]
        jobs.append(define_asset_job("nightly", selection))
    fuse = draw(st.lists(st.sampled_from([*GROUPS, *(["nightly"] if jobs else [])]), unique=True))
    target = draw(st.sampled_from(["both", "2", "3"]))
    try:
        definitions = Definitions([AssetSpec("outside"), *assets], checks, jobs=jobs)
        graph = definitions.graph()
        automation = definitions.automation(graph)
    except BridgeError:
        assume(False)  # a job of two ways to cut, and the like
    known = {"nightly"} if jobs else set()
    known |= {node.spec.group_name for node in graph}
    return Case(
        graph,
        automation,
        GenerateSettings(
            form=draw(st.sampled_from(["loader", "rendered"])),
            target=target,
            fuse=[name for name in fuse if name in known],
        ),
    )


def deps_among(before: list[AssetKey]) -> st.SearchStrategy[list[AssetKey]]:
    return st.sets(st.sampled_from(before), max_size=3).map(sorted)


def function_of(specs: list[AssetSpec]) -> Any:
    if len(specs) == 1:
        (spec,) = specs

        @asset(
            key=spec.key,
            deps=[dep.key if hasattr(dep, "key") else dep for dep in spec.deps],
            group_name=spec.group_name,
            partitions_def=spec.partitions_def,
            output_required=not spec.skippable,
            uri=spec.uri,
        )
        def alone() -> None: ...

        return alone

    @multi_asset(specs=specs)
    def together() -> None: ...

    return together


def check_of(key: AssetKey, number: int, blocking: bool) -> Any:
    @asset_check(asset=key, name=f"check_{number}", blocking=blocking)
    def answered() -> bool:
        return True

    return answered


def uri_of(graph: AssetGraph, key: AssetKey) -> str:
    return str(canonical(asset_uri(key, graph.nodes[key].spec.uri)))


def imported(folder: Path) -> Edges:
    snapshot = record_folder(folder, "airflow", variables={}, environment={})
    specs = observed_assets(mapping_of(snapshot, read_snapshot(snapshot))).specs
    uris = {spec.key: spec.uri or str(spec.key) for spec in specs}
    return {uris[spec.key]: {uris[dep] for dep in spec.deps} for spec in specs}


@settings(max_examples=25, deadline=None)
@given(cases())
def test_what_is_generated_is_imported_as_the_same_graph(case: Case) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = replace(find_project(folder), generated=folder, generate=case.settings)
        try:
            files = generate_files(case.graph, project, case.automation).files
        except DefinitionError:
            assume(False)  # not every graph can be fused
        for file in files:
            file.path.write_text(file.text)

        found = imported(folder)

    expected = {
        uri_of(case.graph, node.key): {uri_of(case.graph, dep) for dep in node.spec.deps}
        for node in case.graph
    }
    outside = uri_of(case.graph, AssetKey("outside"))
    if not any(outside in deps for deps in expected.values()):
        del expected[outside]  # which nobody reads
    assert found == expected


def test_the_loader_is_read_as_the_rendered_files_are() -> None:
    def said(folder: Path) -> dict[str, Any]:
        snapshot = record_folder(folder, "airflow", variables={}, environment={})
        dags = [dag.model_dump(mode="json") for dag in snapshot.dags]
        for dag in dags:
            dag["doc"] = dag["doc"].split()  # a file has lines that end
        return {dag["dag_id"]: without_places(dag) for dag in dags}

    with tempfile.TemporaryDirectory() as name:
        for file in GOLDEN.glob("*.py"):
            shutil.copy(file, name)

        rendered = said(Path(name))

    assert set(rendered) == {"flights__assets", "reports__assets"}
    assert said(GOLDEN / "loader") == rendered


def without_places(value: Any) -> Any:
    """What is recorded, but not where: one form has a file for all, the other one for each DAG."""
    if isinstance(value, dict):
        placed = ("file", "line", "defined_in")
        return {name: without_places(each) for name, each in value.items() if name not in placed}
    return [without_places(each) for each in value] if isinstance(value, list) else value


def test_a_manifest_that_is_not_there_is_said_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "bridge_dags.py").write_text(
        "from adapters.airflow import build_dags\n\nbuild_dags(globals())\n"
    )

    snapshot = record_folder(tmp_path, "airflow", variables={}, environment={})

    [finding] = [each for each in snapshot.findings if each.severity == "error"]
    assert (finding.file, finding.line) == ("bridge_dags.py", 3)
    assert "manifest.json" in finding.message
    assert snapshot.dags == ()


def test_other_code_called_adapters_is_run_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "adapters").mkdir()
    (tmp_path / "adapters" / "__init__.py").write_text("")
    (tmp_path / "adapters" / "airflow.py").write_text(
        "from airflow import DAG\n\n\ndef build_dags(space):\n    space['own'] = DAG('own')\n"
    )
    (tmp_path / "dags.py").write_text(
        "from adapters.airflow import build_dags\n\nbuild_dags(globals())\n"
    )

    snapshot = record_folder(tmp_path, "airflow", variables={}, environment={})

    assert [dag.dag_id for dag in snapshot.dags] == ["own"]


def test_a_task_that_waits_for_another_dag_is_no_asset() -> None:
    @asset(group_name="x", partitions_def=DAYS)
    def a() -> None: ...

    @asset(group_name="y", partitions_def=DAYS, deps=[a])
    def b() -> None: ...

    graph = AssetGraph.build([a, b])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bridge.toml").write_text('generate = { form = "rendered" }\n')
        for file in generate_files(graph, find_project(folder)).files:
            (folder / file.path.name).write_text(file.text)

        assert set(imported(folder)) == {uri_of(graph, key) for key in (a.key, b.key)}


def test_our_own_timetable_is_read_as_a_schedule(tmp_path: Path) -> None:
    days = DailyPartitionsDefinition("2024-01-01", timezone="Europe/Zurich", hour_offset=2)

    @asset(partitions_def=days)
    def a() -> None: ...

    project = find_project(tmp_path)
    manifest = plan_dags(AssetGraph.build([a], []), project).manifest
    (tmp_path / "generated.py").write_text(render(manifest.dags[0]))

    [dag] = record_folder(tmp_path, "airflow", variables={}, environment={}).dags

    assert dag.schedule.kind == "timetable"
    assert dag.schedule.text == "TickTimetable(0 2 * * *, Europe/Zurich)"
