"""What stands in the way of moving tasks, one finding a DAG and reason."""

from __future__ import annotations

import pytest

DAG = "\nwith DAG('d', schedule='@daily', start_date=datetime(2024, 1, 1)):\n{}\n"
PLAIN = "BashOperator(task_id='a', bash_command='true')"
SUBDAG = """
    from airflow.operators.subdag import SubDagOperator
    with DAG('d.s', start_date=datetime(2024, 1, 1)) as inner:
        BashOperator(task_id='in', bash_command='true')
    SubDagOperator(task_id='s', subdag=inner)"""
RESULT = """
    one = PythonOperator(task_id='one', python_callable=lambda: 1)
    PythonOperator(task_id='two', python_callable=print, op_args=[one.output])"""


@pytest.mark.parametrize(
    ("code", "body", "tasks"),
    [
        (
            "mapped_tasks",
            "    BashOperator.partial(task_id='m').expand(bash_command=['a', 'b'])",
            "m",
        ),
        ("subdag", SUBDAG, "s"),
        (
            "trigger_rule",
            "    BashOperator(task_id='z', bash_command='true', trigger_rule='all_done')",
            "z",
        ),
        ("branch", "    BranchPythonOperator(task_id='b', python_callable=lambda: 'x')", "b"),
        ("xcom_results", RESULT, "one"),
    ],
)
def test_what_blocks_a_move_is_named_at_its_line(found, code, body, tasks):
    (blocker,) = found(code, DAG.format(body))
    assert blocker.message.startswith(f"{tasks}: ")
    assert (blocker.dag_id, blocker.file) == ("d", "dag.py")
    assert blocker.line is not None
    assert blocker.line > 10


@pytest.mark.parametrize(
    "code", ["mapped_tasks", "subdag", "trigger_rule", "branch", "xcom_results"]
)
def test_a_plain_task_is_left_alone(found, code):
    explicit = PLAIN.replace("true'", "true', trigger_rule='all_success'", 1).replace("'a'", "'b'")
    assert found(code, DAG.format(f"    {PLAIN} >> {explicit}")) == []


def test_many_tasks_of_one_kind_are_one_finding(found):
    mapped = "BashOperator.partial(task_id=f'm{n}').expand(bash_command=['a'])"
    (blocker,) = found("mapped_tasks", DAG.format(f"    [{mapped} for n in range(8)]"))
    assert blocker.message.startswith("m0, m1, m2, m3, m4 and 3 more: ")
