"""Datasets of scripts that tasks start."""

from adapters.airflow.legacy.snapshot import Call, Dag, Schedule, Script, Task
from adapters.airflow.lineage.context import LineageContext
from adapters.airflow.lineage.reading import read_task


def lineage(command: str, *calls: Call, is_sure: bool = True, **arguments: object):
    script = Script(path="jobs/load.py", is_sure=is_sure, calls=calls)
    task = Task(
        task_id="t",
        operator="x.BashOperator",
        arguments={"bash_command": command, **arguments},
        scripts=(script,),
    )
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(task,))
    return read_task(task, LineageContext(dag=dag))


def _call(name: str, place: str) -> Call:
    return Call(name=name, arguments=(place,), line=3)


def test_a_script_reads_and_writes_for_its_task() -> None:
    calls = _call("read_csv", "s3://a/x"), _call("to_csv", "s3://b/x")
    found = lineage("python jobs/load.py", *calls)
    assert [ref.uri for ref in found.reads] == ["s3://a/x"]
    assert [(ref.file, ref.line) for ref in found.datasets] == [("jobs/load.py", 3)] * 2
    assert all(ref.confidence > 0.8 for ref in found.datasets)
    assert not found.findings


def test_a_call_in_a_module_of_a_script_is_found_there() -> None:
    call = _call("read_csv", "s3://a/x").model_copy(update={"file": "jobs/reading.py"})
    (found,) = lineage("python jobs/load.py", call).datasets
    assert (found.file, found.line) == ("jobs/reading.py", 3)


def test_a_script_found_by_its_name_alone_is_a_guess() -> None:
    found = lineage("python load.py", _call("read_csv", "s3://a/x"), is_sure=False)
    assert [ref.confidence for ref in found.reads] == [0.6]


def test_what_a_script_is_seen_to_read_is_not_guessed_to_be_written() -> None:
    found = lineage("python jobs/load.py --to s3://a/x", _call("read_csv", "s3://a/x"))
    assert [(ref.direction, ref.uri) for ref in found.datasets] == [("read", "s3://a/x")]


def test_other_commands_count_beside_a_script() -> None:
    found = lineage("aws s3 cp s3://a/y s3://b/y; python jobs/load.py", _call("read_csv", "s3://x"))
    assert {ref.uri for ref in found.datasets} >= {"s3://a/y", "s3://b/y"}


def test_a_script_that_touches_nothing_leaves_its_task_as_it_was() -> None:
    found = lineage("python jobs/load.py")
    assert found.nature == "opaque"
    assert [each.code for each in found.findings] == ["unknown_outputs"]


def test_a_name_of_the_script_that_the_task_gives_a_value_stands_for_it() -> None:
    call = _call("read_csv", "s3://a/{{ SOURCE }}/x")
    found = lineage("python jobs/load.py", call, given={"source": "{{ ds }}"})
    assert [(ref.uri, ref.confidence) for ref in found.reads] == [("s3://a/{ds}/x", 0.6)]


def test_a_name_that_the_command_sets_stands_for_its_value() -> None:
    call = _call("read_csv", "s3://a/{{ source }}/x")
    found = lineage("{% set source = 'raw/' + ds -%} python jobs/load.py", call)
    assert [(ref.uri, ref.confidence) for ref in found.reads] == [("s3://a/raw/{ds}/x", 0.6)]


def test_a_name_of_the_script_that_the_task_does_not_know_stays() -> None:
    call = _call("read_csv", "s3://a/{{ SOURCE }}/x")
    found = lineage("python jobs/load.py", call, given={"other": "y"})
    assert [ref.uri for ref in found.reads] == ["s3://a/{SOURCE}/x"]


def test_a_view_that_the_script_makes_is_no_table() -> None:
    named = {"made_by": [{"name": "given"}, {"name": "[]", "arguments": ["view"]}]}
    view = Call(name="createOrReplaceTempView", arguments=(named,))
    sql = "insert into m.t select * from fresh join m.a using (id)"
    found = lineage("spark-submit load.py", view, sql=sql, params={"view": "fresh"})
    assert {ref.uri.rpartition("/")[2] for ref in found.datasets} <= {"m.t", "m.a"}
