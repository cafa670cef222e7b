"""Tasks that do not say what they touch."""

import pytest
from pydantic import JsonValue

from adapters.airflow.legacy.snapshot import Dag, Schedule, Task
from adapters.airflow.lineage.context import LineageContext
from adapters.airflow.lineage.families.opaque import STARTED, read


def message(operator: str, **arguments: JsonValue) -> str:
    task = Task(task_id="t", operator=f"x.{operator}", arguments=arguments)
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(task,))
    (finding,) = read(task, LineageContext(dag=dag)).findings
    return finding.message


@pytest.mark.parametrize("operator", STARTED)
def test_the_job_that_is_started_elsewhere_is_named(operator: str) -> None:
    name, _, inside = STARTED[operator].partition(".")
    value: JsonValue = {inside: "orders"} if inside else "orders"

    assert message(operator, **{name: value}).startswith(
        f"outputs unknown ({operator} of orders): "
    )


def test_a_job_that_only_the_run_knows_is_not_named() -> None:
    found = message("FivetranOperator", connector_id={"xcom": "up"})

    assert found == "outputs unknown (FivetranOperator): name them in the mapping"
