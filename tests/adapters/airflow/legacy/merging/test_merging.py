import pytest

from adapters.airflow.legacy.merging.dags import same_schedule
from adapters.airflow.legacy.merging.snapshots import merged
from adapters.airflow.legacy.snapshot import (
    CrossDagLink,
    Dag,
    DagSnapshot,
    Durations,
    Operation,
    Schedule,
    SourceFile,
    Task,
)

HOWS = {"source": "recorded", "dagbag": "loaded", "rest": "listed"}
DAILY = Schedule(kind="cron", text="@daily", cron="@daily")


def task(taker, task_id="load", **fields) -> Task:
    given = {"operator": "airflow.operators.bash.BashOperator", "how": HOWS[taker], **fields}
    return Task(task_id=task_id, **given)


def dag(taker, *tasks: Task, dag_id="etl", **fields) -> Dag:
    given = {"file": "etl.py", "schedule": DAILY, "how": HOWS[taker], **fields}
    return Dag(dag_id=dag_id, tasks=tasks, **given)


def snapshot(taker, *dags: Dag, **fields) -> DagSnapshot:
    version = {} if taker == "source" else {"airflow": "3.3.2"}
    return DagSnapshot(
        instance="airflow", folder="/dags", taken_from=(taker,), dags=dags, **version, **fields
    )


def together(*parts: tuple[str, Dag]) -> DagSnapshot:
    return merged([snapshot(taker, each) for taker, each in parts])


def said(found: DagSnapshot) -> list[str]:
    return [finding.message for finding in found.findings]


def test_one_snapshot_alone_is_left_as_it_is():
    alone = snapshot("source", dag("source", task("source")))
    assert merged([alone]) is alone


def test_what_all_agree_on_makes_no_finding_whatever_the_order_they_come_in():
    parts = [snapshot(taker, dag(taker, task(taker))) for taker in HOWS]

    found = merged(parts)

    assert found == merged(parts[::-1])
    assert found.taken_from == ("source", "dagbag", "rest")
    assert found.airflow == "3.3.2"
    assert found.findings == ()
    assert found.dag("etl").how == "recorded"


def test_the_deployed_schedule_counts_and_both_are_named():
    source = dag("source", schedule=Schedule(kind="cron", text="0 1 * * *", cron="0 1 * * *"))
    rest = dag("rest", schedule=Schedule(kind="cron", text="0 2 * * *", cron="0 2 * * *"))

    found = together(("source", source), ("rest", rest))

    assert found.dag("etl").schedule.cron == "0 2 * * *"
    assert said(found) == [
        "schedule: the source says 0 1 * * *, the running Airflow says 0 2 * * *, which counts"
    ]
    assert [finding.severity for finding in found.findings] == ["warning"]


def test_a_schedule_that_means_the_same_stays_in_the_words_of_the_source():
    rest = dag("rest", schedule=Schedule(kind="cron", text="0 0 * * *", cron="0 0 * * *"))

    found = together(("source", dag("source")), ("rest", rest))

    assert found.dag("etl").schedule == DAILY
    assert found.findings == ()


def test_a_schedule_that_the_source_leaves_to_airflow_is_that_of_airflow():
    source = dag("source", schedule=Schedule(kind="unset"))
    assert together(("source", source), ("rest", dag("rest"))).dag("etl").schedule == DAILY


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (DAILY, Schedule(kind="cron", cron="0  0 * * *"), True),
        (DAILY, Schedule(kind="timetable", text="CronTriggerTimetable", cron="0 0 * * *"), True),
        (DAILY, Schedule(kind="cron", cron="0 1 * * *"), False),
        (DAILY, Schedule(kind="none"), False),
        (
            Schedule(kind="interval", interval_s=60.0),
            Schedule(kind="interval", interval_s=90.0),
            False,
        ),
        (
            Schedule(kind="interval", text="relativedelta"),
            Schedule(kind="interval", interval_s=9.0),
            True,
        ),
        (
            Schedule(kind="timetable", text="A(1)"),
            Schedule(kind="timetable", text="Every first"),
            True,
        ),
        (
            Schedule(kind="datasets", datasets=("s3://a",)),
            Schedule(kind="datasets", datasets=("s3://a/",)),
            True,
        ),
        (
            Schedule(kind="datasets", datasets=("s3://a",)),
            Schedule(kind="datasets", datasets=("s3://a", "s3://b")),
            False,
        ),
    ],
)
def test_schedules_are_compared_by_what_they_mean(one, other, same):
    assert same_schedule(one, other) is same
    assert same_schedule(other, one) is same


def test_a_start_without_a_zone_is_that_of_the_airflow_that_loads_it():
    source = dag("source", start_date="2024-01-01T00:00:00")
    loaded = dag("dagbag", start_date="2024-01-01T00:00:00+00:00")
    found = together(("source", source), ("dagbag", loaded))
    assert (found.dag("etl").start_date, found.findings) == ("2024-01-01T00:00:00+00:00", ())

    other = dag("dagbag", start_date="2024-02-01T00:00:00+00:00")
    assert said(together(("source", source), ("dagbag", other))) == [
        "start_date: the source says 2024-01-01T00:00:00, "
        "the DagBag says 2024-02-01T00:00:00+00:00, which counts"
    ]


def test_settings_of_a_task_are_those_of_the_airflow_that_loads_it():
    source = dag("source", task("source", retries=1, pool="big"))
    rest = dag("rest", task("rest", retries=3))

    found = together(("source", source), ("rest", rest))

    merged_task = found.dag("etl").task("load")
    assert (merged_task.retries, merged_task.pool) == (3, None)
    assert sorted(said(found)) == [
        "pool: the source says big, the running Airflow says the default, which counts",
        "retries: the source says 1, the running Airflow says 3, which counts",
    ]


def test_arguments_and_place_are_those_of_the_source_and_opaque_ones_are_filled_by_a_dagbag():
    opaque = {"opaque": "unknown: Variable"}
    source = task("source", file="etl.py", line=7, arguments={"sql": opaque, "conn_id": "dwh"})
    loaded = task("dagbag", arguments={"sql": "select 1", "conn_id": {"opaque": "x"}, "more": 1})

    found = together(("source", dag("source", source)), ("dagbag", dag("dagbag", loaded)))

    task_ = found.dag("etl").task("load")
    assert task_.arguments == {"conn_id": "dwh", "more": 1, "sql": "select 1"}
    assert (task_.how, task_.file, task_.line) == ("recorded", "etl.py", 7)
    assert found.findings == ()


def test_a_value_that_the_source_assumed_gives_way_to_that_of_the_dagbag_and_is_told():
    source = dag("source", task("source", arguments={"sql": "select from table"}))
    loaded = dag("dagbag", task("dagbag", arguments={"sql": "select from orders"}))

    found = together(("source", source), ("dagbag", loaded))

    assert found.dag("etl").task("load").arguments == {"sql": "select from orders"}
    assert said(found) == ["sql: the DagBag has other values, which count"]


def test_the_source_has_the_arguments_where_only_rest_is_asked_as_well():
    source = dag("source", task("source", arguments={"sql": "select 1"}))
    found = together(("source", source), ("rest", dag("rest", task("rest"))))
    assert found.dag("etl").task("load").arguments == {"sql": "select 1"}


def test_a_task_that_only_rest_lists_is_there_and_is_said_to_be_opaque():
    rest = dag("rest", task("rest"), task("rest", "more", upstream=("load",)))

    found = together(("source", dag("source", task("source"))), ("rest", rest))

    more = found.dag("etl").task("more")
    assert (more.how, more.upstream, more.arguments) == ("listed", ("load",), {})
    assert said(found) == [
        "the source does not yield more; Airflow's list of tasks has neither arguments nor SQL"
    ]


def test_a_task_that_is_not_deployed_stays_with_its_edges_and_is_told():
    source = dag("source", task("source"), task("source", "new", upstream=("load",)))

    found = together(("source", source), ("rest", dag("rest", task("rest"))))

    assert found.dag("etl").task("new").upstream == ("load",)
    assert said(found) == [
        "the running Airflow does not have new: not deployed yet, removed, "
        "or made only because a value was assumed"
    ]


def test_edges_are_those_of_who_loads_the_dag():
    source = dag("source", task("source", "a"), task("source", "b", upstream=("a",)))
    rest = dag("rest", task("rest", "a", upstream=("b",)), task("rest", "b"))

    found = together(("source", source), ("rest", rest)).dag("etl")

    assert (found.task("a").upstream, found.task("b").upstream) == (("b",), ())


def test_a_dag_that_one_does_not_have_is_there_and_is_told():
    parts = [
        snapshot("source", dag("source", dag_id="only_here")),
        snapshot("rest", dag("rest", dag_id="only_there")),
    ]

    found = merged(parts)

    assert [each.dag_id for each in found.dags] == ["only_here", "only_there"]
    assert [(each.dag_id, each.code) for each in found.findings] == [
        ("only_here", "not_deployed"),
        ("only_there", "not_in_source"),
    ]


def test_how_a_dag_runs_comes_from_rest():
    durations = Durations(runs=5, median_s=60.0, p90_s=90.0)
    operation = Operation(is_paused=True, durations=durations)
    rest = dag("rest", task("rest", durations=durations, done_after=durations))
    rest = rest.model_copy(update={"operation": operation})

    found = together(("source", dag("source", task("source"))), ("rest", rest)).dag("etl")

    assert found.operation == operation
    assert found.task("load").done_after == durations


def test_declared_datasets_of_rest_are_added_to_those_of_the_source():
    source = dag("source", task("source", outlets=("s3://a",)))
    rest = dag("rest", task("rest", outlets=("s3://b",)))
    found = together(("source", source), ("rest", rest)).dag("etl")
    assert found.task("load").outlets == ("s3://a", "s3://b")


def test_of_two_dags_of_one_id_the_deployed_file_is_merged_and_the_other_stays():
    source = snapshot("source", dag("source", file="old.py"), dag("source", file="new.py", line=3))
    rest = snapshot("rest", dag("rest", file="team/new.py", catchup=False))

    found = merged([source, rest])

    assert [(each.file, each.catchup) for each in found.dags] == [
        ("new.py", False),
        ("old.py", None),
    ]


def test_links_and_files_are_those_of_the_source_and_of_others_where_it_has_none():
    link = CrossDagLink(kind="trigger_dag", task_id="load", target_dag_id="next")
    read = SourceFile(path="etl.py", outcome="recorded", sha256="0")
    loaded = [SourceFile(path=name, outcome="loaded") for name in ("etl.py", "more.py")]

    found = merged(
        [
            snapshot("source", dag("source"), files=(read,)),
            snapshot("dagbag", dag("dagbag", links=(link,)), files=tuple(loaded)),
        ]
    )

    assert found.dag("etl").links == (link,)
    assert found.files == (read, loaded[1])


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("s3://{{ var.value.bucket }}/{{ ds }}", "s3://lake/{{ ds }}"),
        ({"a": ["{{ own }}", 3]}, {"a": ["b1", 3]}),
        ("{% for t in tables %}drop {{ t }};{% endfor %}", "drop a;drop b;"),
    ],
)
def test_a_template_that_the_source_fills_is_no_difference(template, filled):
    found = together(
        ("source", dag("source", task("source", arguments={"x": filled}))),
        ("dagbag", dag("dagbag", task("dagbag", arguments={"x": template}))),
    )

    assert found.dag("etl").task("load").arguments == {"x": filled}
    assert found.findings == ()


@pytest.mark.parametrize(
    ("loaded", "recorded"),
    [
        ("s3://{{ var.value.bucket }}/in", "s3://lake/out"),
        ("s3://lake/in", "s3://{{ var.value.bucket }}/in"),
        (["{{ a }}"], ["x", "y"]),
    ],
)
def test_another_value_than_the_template_gives_is_a_difference(loaded, recorded):
    found = together(
        ("source", dag("source", task("source", arguments={"x": recorded}))),
        ("dagbag", dag("dagbag", task("dagbag", arguments={"x": loaded}))),
    )

    assert found.dag("etl").task("load").arguments == {"x": loaded}
    assert len(said(found)) == 1
