import pytest

from adapters.airflow.legacy.snapshot import Dag, Schedule, Task
from adapters.airflow.lineage.context import LineageContext
from adapters.airflow.lineage.reading import read_task

CONTEXT = LineageContext(
    dag=Dag(dag_id="d", file="d.py", how="listed", schedule=Schedule(kind="none"))
)


def listed(operator: str, **fields) -> Task:
    return Task(task_id="t", operator=operator, how="listed", **fields)


@pytest.mark.parametrize("operator", ["BashOperator", "SQLExecuteQueryOperator", "OwnOperator"])
def test_a_task_known_from_a_list_only_is_opaque_whatever_its_class(operator):
    found = read_task(listed(f"airflow.x.{operator}"), CONTEXT)
    assert (found.nature, found.datasets, found.writes_known) == ("opaque", (), False)
    assert [each.code for each in found.findings] == ["unknown_outputs"]
    assert "without its arguments" in found.findings[0].message


def test_one_whose_class_moves_no_data_is_quiet_all_the_same():
    found = read_task(listed("airflow.operators.empty.EmptyOperator"), CONTEXT)
    assert (found.nature, found.findings) == ("quiet", ())


def test_its_declared_datasets_are_known():
    found = read_task(listed("airflow.x.BashOperator", outlets=("s3://lake/orders",)), CONTEXT)
    assert [ref.uri for ref in found.writes] == ["s3://lake/orders"]
    assert found.writes_known
    assert found.findings == ()


def test_a_task_whose_arguments_are_known_is_left_to_the_others():
    task = Task(task_id="t", operator="airflow.x.BashOperator", arguments={"bash_command": "true"})
    assert "without its arguments" not in str(read_task(task, CONTEXT).findings)
