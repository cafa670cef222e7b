import pytest

from adapters.airflow.api.inventory import (
    DagDetails,
    ListedDag,
    ListedDataset,
    ListedInstance,
    ListedRun,
    ListedTask,
)
from adapters.airflow.legacy.listed import Listing, dag_of, file_names, schedule_of
from adapters.airflow.legacy.snapshot import Durations

TASKS = tuple(
    ListedTask.model_validate(row)
    for row in (
        {
            "task_id": "load",
            "class_ref": {"module_path": "airflow.operators.bash", "class_name": "BashOperator"},
            "owner": "shop",
            "retries": 2.0,
            "pool": "big",
            "queue": "default",
            "trigger_rule": "all_success",
            "downstream_task_ids": ["end"],
        },
        {
            "task_id": "end",
            "operator_name": "Own",
            "owner": "airflow",
            "retries": 0.0,
            "pool": "default_pool",
            "trigger_rule": "all_done",
            "is_mapped": True,
        },
    )
)
V1 = {
    "dag_id": "orders",
    "is_active": True,
    "is_paused": True,
    "fileloc": "/opt/dags/team/orders.py",
    "file_token": "t",
    "owners": ["airflow", "shop"],
    "tags": [{"name": "core"}],
    "schedule_interval": {"__type": "CronExpression", "value": "@daily"},
    "next_dagrun_create_after": "2024-03-02T00:00:00+00:00",
}
V2 = {
    "dag_id": "orders",
    "is_stale": False,
    "is_paused": True,
    "fileloc": "/opt/dags/team/orders.py",
    "relative_fileloc": "team/orders.py",
    "bundle_name": "dags-folder",
    "owners": ["airflow", "shop"],
    "tags": [{"name": "core", "dag_id": "orders"}],
    "timetable_summary": "0 0 * * *",
    "next_dagrun_run_after": "2024-03-02T01:00:00+01:00",
}


def listing(row: dict, **fields) -> Listing:
    given = {"file": "orders.py", "tasks": TASKS, **fields}
    return Listing(dag=ListedDag.model_validate(row), **given)


def v1(kind: str | None, **fields) -> dict:
    return {"schedule_interval": None if kind is None else {"__type": kind, **fields}}


@pytest.mark.parametrize("row", [V1, V2])
def test_both_versions_list_a_dag_in_their_own_words(row):
    dag = dag_of(listing(row), ())

    assert (dag.how, dag.tags, dag.owners) == ("listed", ("core",), ("shop",))
    assert dag.operation.model_dump(exclude_none=True) == {
        "is_paused": True,
        "is_active": True,
        "next_run": "2024-03-02T00:00:00+00:00",
    }
    load, end = dag.task("load"), dag.task("end")
    assert load.model_dump(exclude_defaults=True) == {
        "task_id": "load",
        "operator": "airflow.operators.bash.BashOperator",
        "how": "listed",
        "owner": "shop",
        "retries": 2,
        "pool": "big",
    }
    assert (end.operator, end.upstream, end.mapped) == ("Own", ("load",), True)
    assert (end.owner, end.retries, end.pool, end.trigger_rule) == (None, None, None, "all_done")


@pytest.mark.parametrize(
    ("row", "kind", "text", "seconds"),
    [
        (v1(None), "none", "None", None),
        (v1("CronExpression", value="@daily"), "cron", "@daily", None),
        (v1("TimeDelta", days=1, seconds=60), "interval", "1 day, 0:01:00", 86460),
        (v1("RelativeDelta", months=1), "interval", "relativedelta", None),
        (v1("CronExpression", value="Dataset"), "datasets", "datasets", None),
        (v1("CronExpression", value="CloseOfMonth"), "timetable", "CloseOfMonth", None),
        ({"timetable_summary": None}, "none", "None", None),
        ({"timetable_summary": "30 5 * * 1-5"}, "cron", "30 5 * * 1-5", None),
        ({"timetable_summary": "1 day, 2:00:00"}, "interval", "1 day, 2:00:00", 93600.0),
        ({"timetable_summary": "Asset"}, "datasets", "datasets", None),
        ({"timetable_summary": "@once"}, "once", "@once", None),
        ({"timetable_summary": "@continuous"}, "continuous", "@continuous", None),
        ({"timetable_summary": "every last Friday"}, "timetable", "every last Friday", None),
    ],
)
def test_a_schedule_is_read_from_either_form(row, kind, text, seconds):
    found = schedule_of(ListedDag.model_validate({"dag_id": "d", **row}), ())
    assert (found.kind, found.text, found.interval_s) == (kind, text, seconds)


def test_declared_datasets_come_from_the_list_of_datasets():
    orders = {"dag_id": "orders"}
    datasets = [
        ListedDataset.model_validate(row)
        for row in (
            {"uri": "s3://a", "producing_tasks": [{**orders, "task_id": "load"}]},
            {"uri": "s3://b", "consuming_tasks": [{**orders, "task_id": "load"}]},
            {"uri": "s3://c", "scheduled_dags": [orders]},
            {"uri": "s3://d", "consuming_dags": [orders]},
            {"uri": "s3://e", "producing_tasks": [{"dag_id": "other", "task_id": "load"}]},
        )
    ]
    dag = dag_of(listing({**V2, "timetable_summary": "Asset"}), datasets)

    assert (dag.task("load").inlets, dag.task("load").outlets) == (("s3://b",), ("s3://a",))
    assert dag.schedule.datasets == ("s3://c", "s3://d")
    assert [link.uri for link in dag.links] == ["s3://c", "s3://d"]


def test_durations_are_those_of_recent_successes():
    def at(minute: int) -> str:
        return f"2024-03-01T00:{minute:02}:00+00:00"

    runs = [("r2", "success", 10, 16), ("r1", "success", 0, 4), ("r0", "failed", 20, 59)]
    instances = [("r2", 11, 13), ("r2", 11, 15), ("r1", 1, 3), ("gone", 1, 2)]
    dag = dag_of(
        listing(
            V2,
            runs=tuple(
                ListedRun(dag_run_id=run, state=state, start_date=at(start), end_date=at(end))
                for run, state, start, end in runs
            ),
            successes=tuple(
                ListedInstance(
                    task_id="load", dag_run_id=run, start_date=at(start), end_date=at(end)
                )
                for run, start, end in instances
            ),
        ),
        (),
    )

    assert dag.operation.durations == Durations(runs=2, median_s=300.0, p90_s=360.0)
    assert (dag.operation.last_run, dag.operation.last_state) == (
        "2024-03-01T00:10:00+00:00",
        "success",
    )
    load = dag.task("load")
    assert load.durations == Durations(runs=4, median_s=120.0, p90_s=240.0)
    # of two map indexes of r2 the later one ends the task
    assert load.done_after == Durations(runs=2, median_s=240.0, p90_s=300.0)
    assert dag.task("end").durations is None


def test_details_fill_in_what_the_list_leaves_out_and_keep_no_secret():
    details = DagDetails.model_validate(
        {
            "dag_id": "orders",
            "start_date": "2024-01-01T00:00:00+01:00",
            "timezone": "Europe/Zurich",
            "catchup": False,
            "params": {"region": {"value": "eu", "schema": {}}, "n": 1, "api_key": "sesame"},
            "doc_md": "Orders.",
        }
    )
    dag = dag_of(listing(V2, details=details), ())

    assert (dag.start_date, dag.timezone) == ("2023-12-31T23:00:00+00:00", "Europe/Zurich")
    assert (dag.catchup, dag.doc) == (False, "Orders.")
    assert dag.params == {"region": "eu", "n": 1, "api_key": {"opaque": "a secret"}}


def test_files_of_v1_are_named_from_the_folder_that_all_lie_in():
    rows = [{**V1, "dag_id": name, "fileloc": f"/opt/dags/{name}.py"} for name in ("a", "t/b")]
    assert file_names(map(ListedDag.model_validate, rows)) == {"a": "a.py", "t/b": "t/b.py"}


def test_files_of_several_bundles_lie_in_a_folder_each():
    rows = [{**V2, "dag_id": name, "bundle_name": name} for name in ("a", "b")]
    assert file_names(map(ListedDag.model_validate, rows)) == {
        "a": "a/team/orders.py",
        "b": "b/team/orders.py",
    }


def test_an_airflow_cannot_say_where_on_this_machine_we_write():
    row = {**V2, "relative_fileloc": "../../etc/./cron.d/x.py"}
    assert file_names([ListedDag.model_validate(row)]) == {"orders": "etc/cron.d/x.py"}
