"""Assets become a DAG file, our own importer reads that file, and the graph is the same."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.airflow.generate.files import generate_files
from adapters.airflow.legacy.assets import observed_assets
from adapters.airflow.legacy.proposal import mapping_of
from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot
from adapters.airflow.uris import asset_uri
from bridge import DailyPartitionsDefinition, asset, asset_check
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.project import find_project
from bridge.uris import canonical

Edges = dict[str, set[str]]
DAYS = DailyPartitionsDefinition("2024-01-01")
words = st.text(st.sampled_from("abc1_.-"), min_size=1, max_size=4)
# argument names are words too, and what cleans file names would not leave dots alone
keys = st.lists(words.map(lambda word: f"t{word}t"), min_size=1, max_size=2).map(AssetKey)


@st.composite
def graphs(draw: st.DrawFn) -> AssetGraph:
    """Some assets of one group, each after any of those before it, with up to three checks."""
    named = draw(st.lists(keys, min_size=1, max_size=6, unique=True))
    partitions_def = draw(st.sampled_from([None, DAYS]))
    assets: list[Any] = []
    checks: list[Any] = []
    for number, key in enumerate(named):
        deps = draw(st.sets(st.sampled_from(named[:number]))) if number else set()

        @asset(
            key=key,
            deps=sorted(deps),
            partitions_def=partitions_def,
            output_required=draw(st.booleans()),
            uri=draw(st.sampled_from([None, f"s3://lake/{number}"])),
        )
        def made() -> None: ...

        assets.append(made)
        for each in range(draw(st.integers(0, 3))):

            @asset_check(asset=key, name=f"check_{each}", blocking=draw(st.booleans()))
            def answered() -> bool:
                return True

            checks.append(answered)
    return AssetGraph.build(assets, checks)


def uri_of(graph: AssetGraph, key: AssetKey) -> str:
    return str(canonical(asset_uri(key, graph.nodes[key].spec.uri)))


def imported(folder: Path) -> Edges:
    snapshot = record_folder(folder, "airflow", variables={}, environment={})
    specs = observed_assets(mapping_of(snapshot, read_snapshot(snapshot))).specs
    uris = {spec.key: spec.uri or str(spec.key) for spec in specs}
    return {uris[spec.key]: {uris[dep] for dep in spec.deps} for spec in specs}


@settings(max_examples=25, deadline=None)
@given(graphs(), st.sampled_from(["rendered"]))
def test_what_is_generated_is_imported_as_the_same_graph(graph: AssetGraph, form: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bridge.toml").write_text(f'generate = {{ form = "{form}" }}\n')
        for file in generate_files(graph, find_project(folder)).files:
            (folder / file.path.name).write_text(file.text)

        found = imported(folder)

    assert found == {
        uri_of(graph, node.key): {uri_of(graph, dep) for dep in node.spec.deps} for node in graph
    }


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
