"""Rules about whole DAGs: dead ones, several writers, circles."""

from __future__ import annotations

START = "start_date=datetime(2024, 1, 1)"


def dag(dag_id: str, body: str, schedule: str = "'@daily'") -> str:
    return f"\nwith DAG({dag_id!r}, schedule={schedule}, {START}):\n    {body}\n"


TASK = "BashOperator(task_id='a', bash_command='true')"


def test_a_dag_that_nothing_starts_is_named(found):
    (dead,) = found("dead_dag", dag("lonely", TASK, "None"))
    assert (dead.dag_id, dead.file, dead.line) == ("lonely", "dag.py", 10)
    assert "no schedule and no task here triggers it" in dead.message


def test_a_dag_with_a_schedule_is_left_alone(found):
    assert found("dead_dag", dag("daily", TASK)) == []


def test_a_dag_that_another_one_triggers_is_left_alone(found):
    trigger = "TriggerDagRunOperator(task_id='t', trigger_dag_id='called')"
    assert found("dead_dag", dag("called", TASK, "None") + dag("caller", trigger)) == []


def test_a_dag_that_waits_for_a_dataset_nobody_writes_is_named(found):
    text = "from airflow.datasets import Dataset\n" + dag("d", TASK, "[Dataset('s3://b/x')]")
    (dead,) = found("dead_dag", text)
    assert "s3://b/x" in dead.message


def test_an_asset_that_has_only_a_name_is_known_by_it(found):
    writer = "BashOperator(task_id='a', bash_command='true', outlets=[Asset('orders of a day')])"
    text = "from airflow.sdk import Asset\n" + dag("waits", TASK, "[Asset('orders of a day')]")
    assert found("dead_dag", text + dag("writes", writer)) == []
    (dead,) = found("dead_dag", text)
    assert "orders of a day" in dead.message


def test_a_dag_that_waits_for_a_dataset_another_one_writes_is_left_alone(found):
    writer = "BashOperator(task_id='a', bash_command='true', outlets=[Dataset('s3://b/x')])"
    text = "from airflow.datasets import Dataset\n" + dag("d", TASK, "[Dataset('s3://b/x')]")
    assert found("dead_dag", text + dag("w", writer)) == []


def test_the_writers_of_a_dataset_are_named_once_with_their_places(found):
    write = "SQL(task_id='w', conn_id='dwh', sql='insert into t select 1')"
    (one,) = found("two_writers", {"one.py": dag("one", write), "two.py": dag("two", write)})
    assert (one.dag_id, one.file, one.line) == ("one", "one.py", 11)
    assert one.message.endswith("is written by 2 tasks: one.w (one.py:11), two.w (two.py:11)")


def test_of_many_writers_some_are_named_and_all_counted(found):
    write = "SQL(task_id='w', conn_id='dwh', sql='insert into t select 1')"
    (one,) = found("two_writers", {f"{at}.py": dag(f"d{at}", write) for at in range(1, 9)})
    assert "is written by 8 tasks: d1.w (1.py:11), d2.w" in one.message
    assert one.message.endswith(" and 3 more")


def test_a_task_that_writes_a_dataset_twice_is_no_second_writer(found):
    twice = "SQL(task_id='w', conn_id='dwh', sql=['insert into t select 1', 'delete from t'])"
    assert found("two_writers", dag("one", twice)) == []


def test_dags_that_read_each_other_are_a_circle_told_once(found):
    one = "SQL(task_id='w', conn_id='c', sql='insert into a select * from b')"
    two = "SQL(task_id='w', conn_id='c', sql='insert into b select * from a')"
    (circle,) = found("cycle_across_dags", dag("one", one) + dag("two", two))
    assert circle.dag_id == "one"
    assert "one writes" in circle.message
    assert circle.message.endswith("for one")


def test_a_trigger_and_a_dataset_can_make_a_circle(found):
    trigger = "TriggerDagRunOperator(task_id='t', trigger_dag_id='two')"
    wait = "ExternalTaskSensor(task_id='s', external_dag_id='two')"
    (circle,) = found("cycle_across_dags", dag("one", f"{trigger} >> {wait}") + dag("two", TASK))
    assert "one triggers two; two is awaited by one" in circle.message


def test_a_line_of_dags_is_no_circle(found):
    one = "SQL(task_id='w', conn_id='c', sql='insert into a select * from raw')"
    two = "SQL(task_id='w', conn_id='c', sql='insert into b select * from a')"
    assert found("cycle_across_dags", dag("one", one) + dag("two", two)) == []


def test_a_dag_that_reads_its_own_table_is_no_circle(found):
    both = "SQL(task_id='w', conn_id='c', sql='insert into a select * from a')"
    assert found("cycle_across_dags", dag("one", both)) == []
