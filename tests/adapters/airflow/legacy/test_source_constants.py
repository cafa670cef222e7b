"""Constants of a file that is only read."""

import ast
import textwrap

import pytest

from adapters.airflow.legacy.record.child.source_constants import with_constants
from adapters.airflow.legacy.record.child.source_reading import read_source


def test_ids_and_arguments_by_the_name_of_a_constant_are_known():
    (dag,) = read_source(
        textwrap.dedent(
            """
            ENV = "prod"
            DATASET: str = f"sales_{ENV}"
            DAG_ID = "load_" + DATASET
            with DAG(DAG_ID, schedule=f"{5} * * * *") as dag:
                BigQueryGetDataOperator(task_id=f"get_{ENV}", dataset_id=DATASET, table_id="t")
            """
        )
    )["dags"]

    assert (dag["dag_id"], dag["given"]["schedule"]) == ("load_sales_prod", "5 * * * *")
    assert dag["tasks"][0]["task_id"] == "get_prod"
    assert dag["tasks"][0]["arguments"]["dataset_id"] == "sales_prod"


@pytest.mark.parametrize(
    "code",
    [
        "A = 'a'\nA = 'b'\nuse(A)",
        "A = 'a'\ndef f(A):\n    use(A)",
        "A = 'a'\nfor A in 'xy':\n    use(A)",
        "A = 'a'\nfrom settings import A\nuse(A)",
        "A = 'a'\nA += 'b'\nuse(A)",
        "use(A)\nA = 'a'",
        "A = []\nuse(A)",
        "A = compute()\nuse(f'{A}')",
        "A = None\nuse(A)",
    ],
    ids=[
        "twice",
        "parameter",
        "loop",
        "import",
        "added",
        "later",
        "list",
        "call",
        "none",
    ],
)
def test_what_may_be_something_else_stays_a_name(code: str) -> None:
    filled = with_constants(ast.parse(code))

    assert [node for node in ast.walk(filled) if _reads_a(node)]


def _reads_a(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "A" and isinstance(node.ctx, ast.Load)


def test_a_text_and_a_number_are_not_added():
    assert ast.unparse(with_constants(ast.parse("A = 'a'\nB = A + 1"))) == "A = 'a'\nB = 'a' + 1"


def test_a_format_is_left_to_python():
    assert ast.unparse(with_constants(ast.parse("A = 3\nuse(f'{A:02d}')"))).endswith("{3:02d}')")


def test_a_text_that_is_known_in_part_is_an_argument_and_no_id():
    read = read_source(
        textwrap.dedent(
            """
            with DAG("d"):
                XOperator(task_id="a", sql=f"insert into s.{table} values ({1 + 1})", n=1 + 1)
                XOperator(task_id=f"b_{table}")
            """
        )
    )
    (task,) = read["dags"][0]["tasks"]

    assert task["arguments"] == {
        "task_id": "a",
        "sql": "insert into s.{{ table }} values ({{ unknown }})",
    }
    assert len(read["unread"]) == 1


def test_constants_stand_in_a_text_that_is_known_in_part():
    (dag,) = read_source(
        textwrap.dedent(
            """
            ENV = "prod"
            with DAG("d"):
                XOperator(task_id="a", sql=f"insert into {ENV}.{table}")
            """
        )
    )["dags"]

    assert dag["tasks"][0]["arguments"]["sql"] == "insert into prod.{{ table }}"
