from datetime import datetime, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.airflow.legacy.asset_keys import assign_keys
from adapters.airflow.legacy.assets import load_airflow_assets, observed_assets
from adapters.airflow.legacy.datasets import DatasetRef, TaskLineage
from adapters.airflow.legacy.findings import findings_of
from adapters.airflow.legacy.mapping import (
    Mapping,
    PartitionsEntry,
    ReadEntry,
    SourceEntry,
    UnitEntry,
    WriteEntry,
)
from adapters.airflow.legacy.mapping_file import to_yaml
from adapters.airflow.legacy.proposal import (
    mapping_findings,
    mapping_of,
)
from adapters.airflow.legacy.snapshot import Dag, DagSnapshot, Schedule, Task
from bridge.cli.files import write
from bridge.graph import AssetGraph
from bridge.keys import AssetKey


def ref(uri: str, direction="write", **fields) -> DatasetRef:
    return DatasetRef(uri=uri, direction=direction, evidence="sql", confidence=0.9, **fields)


def knows(*refs: DatasetRef) -> TaskLineage:
    return TaskLineage(nature="data", datasets=refs, reads_known=True, writes_known=True)


OPAQUE = TaskLineage(nature="opaque")
QUIET = TaskLineage(nature="quiet", writes_known=True)
DAILY = Schedule(kind="cron", text="@daily", cron="@daily")


def snapshot(*tasks: Task, schedule=DAILY, **fields) -> DagSnapshot:
    dag = Dag(
        dag_id="d",
        file="d.py",
        schedule=schedule,
        tasks=tasks,
        **{"start_date": "2024-01-01T00:00:00+00:00", **fields},
    )
    return DagSnapshot(instance="airflow", folder="/dags", dags=(dag,))


def proposed(tasks: dict[str, tuple[TaskLineage, list[str]]], **fields):
    named = [
        Task(task_id=name, operator="x.Operator", upstream=tuple(upstream))
        for name, (_, upstream) in tasks.items()
    ]
    taken = snapshot(*named, **fields)
    return mapping_of(taken, {("d.py", "d", name): found for name, (found, _) in tasks.items()})


def deps(mapping: Mapping) -> dict[str, list[str]]:
    return {
        str(spec.key): [str(key) for key in spec.deps] for spec in observed_assets(mapping).specs
    }


def test_a_write_depends_on_what_its_task_reads():
    mapping = proposed({"load": (knows(ref("postgres://c/a", "read"), ref("postgres://c/b")), [])})
    assert deps(mapping) == {"c/a": [], "c/b": ["c/a"]}


def test_a_statement_of_its_own_narrows_what_a_write_depends_on():
    found = knows(
        ref("postgres://c/a", "read"),
        ref("postgres://c/b", "read"),
        ref("postgres://c/x", derived_from=("postgres://c/a",)),
        ref("postgres://c/y", derived_from=("postgres://c/b",)),
    )
    assert deps(proposed({"load": (found, [])})) == {
        "c/a": [],
        "c/b": [],
        "c/x": ["c/a"],
        "c/y": ["c/b"],
    }


def test_a_task_with_unknown_outputs_is_an_asset_itself_after_the_tasks_before_it():
    mapping = proposed(
        {
            "load": (OPAQUE, []),
            "wait": (QUIET, ["load"]),
            "crunch": (OPAQUE, ["wait"]),
            "sql": (knows(ref("postgres://c/t")), ["crunch"]),
        }
    )
    assert deps(mapping) == {"c/t": [], "d/crunch": ["d/load"], "d/load": []}
    assert [str(key) for unit in mapping.units for key in unit.assets] == [
        "d/crunch",
        "d/load",
        "c/t",
    ]


def test_a_task_that_moves_no_data_is_no_asset_but_has_an_entry():
    mapping = proposed({"wait": (QUIET, [])})
    assert observed_assets(mapping).specs == ()
    assert [(unit.task, unit.writes) for unit in mapping.units] == [("wait", ())]


def test_a_task_never_depends_on_itself():
    found = knows(ref("postgres://c/t", "read"), ref("postgres://c/t"))
    assert deps(proposed({"update": (found, [])})) == {"c/t": []}


def test_two_writers_of_one_dataset_are_one_asset_and_a_finding():
    tasks = {"one": (knows(ref("postgres://c/t")), []), "two": (knows(ref("postgres://c/t")), [])}
    (spec,) = observed_assets(proposed(tasks)).specs
    assert spec.produced_by == ("airflow:d.one", "airflow:d.two")
    taken = snapshot(*(Task(task_id=name, operator="x") for name in tasks))
    found = findings_of(taken, {("d.py", "d", name): known for name, (known, _) in tasks.items()})
    (said,) = found
    assert (said.code, said.task_id) == ("two_writers", "one")
    assert "d.two" in said.message


def test_a_circle_is_opened_with_a_finding():
    one = knows(ref("postgres://c/a", "read"), ref("postgres://c/b"))
    two = knows(ref("postgres://c/b", "read"), ref("postgres://c/a"))
    observed = observed_assets(proposed({"one": (one, []), "two": (two, [])}))
    assert observed.edges == 1
    assert [each.finding.code for each in observed.circles] == ["circle"]
    AssetGraph.build(list(observed.specs))


def test_a_likely_writer_is_suggested_and_not_assumed():
    reader = Task(task_id="build", operator="x", upstream=("stage_weather", "stage_flights"))
    taken = snapshot(
        Task(task_id="stage_weather", operator="x"),
        Task(task_id="stage_flights", operator="x"),
        reader,
    )
    lineage = {
        ("d.py", "d", "stage_weather"): OPAQUE,
        ("d.py", "d", "stage_flights"): OPAQUE,
        ("d.py", "d", "build"): knows(ref("sqlite://w/stg_weather", "read"), ref("sqlite://w/fct")),
    }
    (found,) = mapping_findings(taken, lineage)
    assert (found.code, found.task_id) == ("perhaps_writes", "stage_weather")
    assert [source.uri for source in mapping_of(taken, lineage).sources] == [
        "sqlite://w/stg_weather"
    ]


@pytest.mark.parametrize(
    ("used", "partition_by"),
    [
        ((), "logical_date"),
        (("ds",), "logical_date"),
        (("data_interval_start",), "data_interval_start"),
        (("data_interval_end", "ds"), "logical_date"),
        (("partition_key",), "partition_key"),
    ],
)
def test_the_date_a_task_uses_decides_its_partition(used, partition_by):
    taken = snapshot(Task(task_id="t", operator="x", context_used=used))
    assert mapping_of(taken, {("d.py", "d", "t"): OPAQUE}).units[0].partition_by == partition_by


@settings(deadline=None)  # other work on the machine must not fail it
@given(
    st.sets(
        st.builds(
            "{}://{}/{}".format,
            st.sampled_from(["s3", "gs", "postgres"]),
            st.sampled_from("ab"),
            st.text("ab/._ {}-", min_size=1, max_size=4).filter(
                lambda path: path.strip("/ ") == path
            ),
        )
    ),
    st.sets(st.tuples(st.sampled_from("ab"), st.text("ab._-", min_size=1, max_size=3))),
)
def test_two_datasets_never_share_a_key(uris, tasks):
    things = {("uri", uri) for uri in uris} | {("task", *task) for task in tasks}
    things |= {("dag", dag) for dag, _ in tasks}
    keys = assign_keys(things, "airflow").values()
    assert len(set(keys)) == len(things)
    assert all(AssetKey.parse(str(key)) == key for key in keys)


def test_a_key_reads_as_connection_and_name_and_the_scheme_comes_in_only_where_needed():
    alone = assign_keys([("uri", "sqlite://wh/fct"), ("uri", "s3://lake/raw/{ds}.csv")], "airflow")
    assert sorted(map(str, alone.values())) == ["lake/raw/ds_.csv", "wh/fct"]
    both = assign_keys([("uri", "sqlite://wh/fct"), ("uri", "postgres://wh/fct")], "airflow")
    assert sorted(map(str, both.values())) == ["postgres/wh/fct", "sqlite/wh/fct"]


def test_tasks_of_another_instance_have_their_own_keys():
    assert assign_keys([("task", "d", "t"), ("dag", "d")], "prod") == {
        ("task", "d", "t"): AssetKey(["prod", "d", "t"]),
        ("dag", "d"): AssetKey(["prod", "d"]),
    }


def test_a_key_that_another_thing_has_already_is_not_given_again():
    held = {("uri", "sqlite://wh/fct"): "wh/fct", ("task", "d", "t"): "d/t"}
    keys = assign_keys([("uri", "postgres://wh/fct"), ("task", "d", "t")], "airflow", held)
    assert list(map(str, keys.values())) == ["postgres/wh/fct", "d/t"]


def test_assets_are_loaded_from_the_file_alone(tmp_path):
    mapping = Mapping(
        instance="airflow",
        folder="/not/here",
        units=(
            UnitEntry(
                dag="flights-daily",
                task="build",
                operator="SQLExecuteQueryOperator",
                owners=("Data Platform, me@x.org", "airflow"),
                writes=(
                    WriteEntry(
                        asset="wh/fct",
                        uri="sqlite://wh/fct",
                        evidence="sql",
                        confidence=0.95,
                        at="fct.sql:3",
                    ),
                ),
                reads=(ReadEntry(uri="sqlite://wh/stg"), ReadEntry(uri="s3://lake/added_by_hand")),
                partitions=PartitionsEntry(kind="daily", start="2013-01-01"),
            ),
        ),
        sources=(SourceEntry(asset="wh/stg", uri="sqlite://wh/stg"),),
    )
    write(tmp_path / "airflow.yaml", to_yaml(mapping))
    specs = {str(spec.key): spec for spec in load_airflow_assets(tmp_path / "airflow.yaml")}
    fct = specs["wh/fct"]
    assert sorted(specs) == ["lake/added_by_hand", "wh/fct", "wh/stg"]
    assert [str(key) for key in fct.deps] == ["lake/added_by_hand", "wh/stg"]
    assert (fct.group_name, fct.owners, fct.uri) == (
        "flights_daily",
        ("team:Data-Platform", "me@x.org"),
        "sqlite://wh/fct",
    )
    assert fct.description == "Written by flights-daily.build; read from its SQL."
    assert fct.partitions_def is not None
    assert fct.partitions_def.latest(datetime(2013, 1, 2, tzinfo=timezone.utc)) == "2013-01-01"
    assert fct.place.file == str(tmp_path / "airflow.yaml")
    assert specs["wh/stg"].produced_by == ()
