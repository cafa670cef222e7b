import pytest

from adapters.airflow.legacy.assets import observed_assets
from adapters.airflow.legacy.datasets import DatasetRef, TaskLineage
from adapters.airflow.legacy.mapping import Mapping, units_of
from adapters.airflow.legacy.mapping_file import from_yaml, to_yaml
from adapters.airflow.legacy.proposal import mapping_of
from adapters.airflow.legacy.reimport import key_changes, merge
from adapters.airflow.legacy.snapshot import Dag, DagSnapshot, Schedule, Task


def ref(uri: str, direction="write") -> DatasetRef:
    return DatasetRef(uri=uri, direction=direction, evidence="sql", confidence=0.9)


def knows(*refs: DatasetRef) -> TaskLineage:
    return TaskLineage(nature="data", datasets=refs, reads_known=True, writes_known=True)


OPAQUE = TaskLineage(nature="opaque")
QUIET = TaskLineage(nature="quiet", writes_known=True)
LOAD = knows(ref("s3://raw/in", "read"), ref("pg://dwh/a"), ref("pg://dwh/b"))
# land -> load (two tables) -> mail; a second DAG reads one of the tables.
LINEAGE = {
    ("shop", "land"): (OPAQUE, ()),
    ("shop", "load"): (LOAD, ("land",)),
    ("shop", "mail"): (QUIET, ("load",)),
    ("report", "build"): (knows(ref("pg://dwh/a", "read"), ref("pg://dwh/r")), ()),
}


def read(granularity, **options) -> Mapping:
    dags = {}
    for (dag_id, task_id), (_, upstream) in LINEAGE.items():
        task = Task(task_id=task_id, operator="x.Operator", upstream=upstream)
        dags.setdefault(dag_id, []).append(task)
    taken = DagSnapshot(
        instance="airflow",
        folder="/dags",
        dags=tuple(
            Dag(dag_id=name, file="d.py", schedule=Schedule(kind="none"), tasks=tuple(tasks))
            for name, tasks in dags.items()
        ),
    )
    lineage = {("d.py", *place): found for place, (found, _) in LINEAGE.items()}
    return mapping_of(taken, lineage, granularity=granularity, **options)


def deps(mapping: Mapping) -> dict[str, list[str]]:
    specs = observed_assets(mapping).specs
    return {str(spec.key): [str(key) for key in spec.deps] for spec in specs}


def edited(mapping: Mapping, task: str, asset: str, *, confirmed=False) -> Mapping:
    """The mapping after a person has given what a task writes another name."""
    units = tuple(
        unit.model_copy(
            update={
                "writes": tuple(
                    write.model_copy(update={"asset": asset})
                    if mapping.granularity != "dataset" or number == 0
                    else write
                    for number, write in enumerate(unit.writes)
                ),
                "confirmed": confirmed,
            }
        )
        if unit.task == task
        else unit
        for unit in mapping.units
    )
    return mapping.model_copy(update={"units": units})


def again(old: Mapping, granularity) -> Mapping:
    """A re-import at a granularity."""
    same = old.granularity == granularity
    return merge(old, read(granularity), before=None if same else read(old.granularity))


def test_by_dataset_each_table_is_an_asset_and_a_task_that_does_not_say_is_one():
    assert deps(read("dataset")) == {
        "dwh/a": ["raw/in"],
        "dwh/b": ["raw/in"],
        "dwh/r": ["dwh/a"],
        "raw/in": [],
        "shop/land": [],
    }


def test_by_task_each_task_that_moves_data_is_an_asset():
    assert deps(read("task")) == {
        "raw/in": [],
        "report/build": ["shop/load"],
        "shop/land": [],
        "shop/load": ["raw/in"],
    }


def test_by_dag_each_dag_is_an_asset_that_its_last_tasks_make_together():
    mapping = read("dag")

    assert deps(mapping) == {"raw/in": [], "report": ["shop"], "shop": ["raw/in"]}
    assert {unit.task: unit.together for unit in mapping.units} == {
        "build": ("build",),
        "land": ("mail",),
        "load": ("mail",),
        "mail": ("mail",),
    }


def test_an_asset_of_several_datasets_names_them_and_has_no_uri_of_its_own():
    specs = {str(spec.key): spec for spec in observed_assets(read("task")).specs}
    assert specs["shop/load"].uri is None
    assert specs["shop/load"].metadata["datasets"] == "pg://dwh/a, pg://dwh/b"
    assert specs["report/build"].uri == "pg://dwh/r"
    assert specs["shop/load"].group_name == "shop"


def test_a_task_of_a_dag_that_is_one_asset_cannot_be_moved_alone():
    assert units_of(read("dag")) == ()
    assert [unit.short_name for unit in units_of(read("task"))] == [
        "report.build",
        "shop.land",
        "shop.load",
    ]


@pytest.mark.parametrize("granularity", ["dataset", "task", "dag"])
def test_a_mapping_of_each_granularity_is_read_back_and_imported_again_unchanged(granularity):
    mapping = read(granularity)
    assert from_yaml(to_yaml(mapping)) == mapping
    assert again(mapping, granularity) == mapping


@pytest.mark.parametrize(
    ("granularity", "task"), [("dataset", "load"), ("task", "load"), ("dag", "build")]
)
def test_a_name_that_a_person_gave_stays_when_imported_again(granularity, task):
    renamed = edited(read(granularity), task, "marts/orders")
    assert "marts/orders" in deps(again(renamed, granularity))


@pytest.mark.parametrize(
    ("first", "task", "other"),
    [("dataset", "load", "task"), ("task", "load", "dag"), ("dag", "build", "dataset")],
)
def test_a_name_that_a_person_gave_comes_back_with_its_granularity(first, task, other):
    renamed = edited(read(first), task, "marts/orders")

    away = again(renamed, other)
    assert "marts/orders" not in deps(away)
    assert [name.asset for name in away.kept] == ["marts/orders"]
    assert from_yaml(to_yaml(away)) == away

    back = again(away, first)
    assert deps(back) == deps(again(renamed, first))
    assert back.kept == ()


def test_a_confirmed_entry_stays_through_a_change_and_others_still_read_from_it():
    confirmed = edited(read("dataset"), "load", "marts/orders", confirmed=True)

    changed = again(confirmed, "task")

    assert deps(changed) == {
        "dwh/b": ["raw/in"],
        "marts/orders": ["raw/in"],
        "raw/in": [],
        "report/build": ["marts/orders"],
        "shop/land": [],
    }


def test_two_assets_that_a_person_made_one_stay_one():
    mapping = edited(edited(read("task"), "land", "shop/all"), "load", "shop/all")
    assert deps(again(mapping, "task")) == {
        "raw/in": [],
        "report/build": ["shop/all"],
        "shop/all": ["raw/in"],
    }


def test_a_task_that_a_person_split_into_assets_stays_split():
    mapping = read("task")
    units = [
        unit.model_copy(
            update={
                "writes": tuple(
                    write.model_copy(update={"asset": f"marts/{write.uri[-1]}"})
                    for write in unit.writes
                )
            }
        )
        if unit.task == "load"
        else unit
        for unit in mapping.units
    ]
    split = mapping.model_copy(update={"units": tuple(units)})
    assert deps(again(split, "task"))["report/build"] == ["marts/a"]


def test_a_change_says_which_keys_come_and_where_the_history_of_the_others_is():
    old = read("dataset")

    (told,) = key_changes(old, again(old, "dag"))

    assert told.code == "keys_change"
    assert told.message == (
        "one asset is now a dag, and was a dataset: report, shop are new and without a history yet "
        "(`bridge observe` reads it again); what was recorded of dwh/a, dwh/b, dwh/r, shop/land "
        "stays in the store, and counts again at --granularity dataset"
    )
    assert key_changes(old, again(old, "dataset")) == []


def test_what_was_not_read_this_time_stays():
    old = read("dataset")
    some = old.model_copy(update={"units": tuple(u for u in old.units if u.dag == "report")})

    found = merge(old, some, is_read=lambda dag_id: dag_id == "report")

    assert found.units == old.units


def test_a_new_thing_is_never_given_the_name_that_another_has():
    renamed = edited(read("dataset"), "land", "dwh/r")
    keys = read("dataset", held=renamed.names())
    written = {unit.task: [write.asset for write in unit.writes] for unit in keys.units}
    assert written["build"] == ["dwh/r"]
    other = {("uri", "mysql://dwh/r"): "dwh/r"}
    assert read("dataset", held=other).names()["uri", "pg://dwh/r"] == "pg/dwh/r"
