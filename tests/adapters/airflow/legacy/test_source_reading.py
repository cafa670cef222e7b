"""Reading a file by its syntax tree alone."""

import textwrap

from adapters.airflow.legacy.record.child.source_reading import read_source


def tasks_of(text: str) -> dict[str, list[str]]:
    (dag,) = read_source(textwrap.dedent(text))["dags"]
    return {task["task_id"]: task["upstream"] for task in dag["tasks"]}


def test_with_blocks_groups_and_shifts_with_lists_are_followed():
    assert tasks_of(
        """
        with DAG(dag_id="d") as dag:
            a = BashOperator(task_id="a")
            with TaskGroup("g"):
                b = FileSensor(task_id="b")
                with TaskGroup(group_id="plain", prefix_group_id=False):
                    c = PostgresOperator(task_id="c", dag=dag)
            a >> [b, c]
            c << b
        """
    ) == {"a": [], "g.b": ["a"], "c": ["a", "g.b"]}


def test_taskflow_calls_are_tasks_and_their_arguments_edges():
    assert tasks_of(
        """
        @dag(schedule="@daily")
        def d():
            @task
            def one(): ...
            @task.virtualenv(task_id="second")
            def two(x): ...
            first = one()
            two(first)
            two.override(task_id="x").expand(x=one())
        d()
        """
    ) == {"one": [], "second": ["one"], "one__1": [], "second__1": ["one__1"]}


def test_chain_and_set_downstream_are_edges():
    assert tasks_of(
        """
        dag = DAG("d")
        a = XOperator(task_id="a", dag=dag)
        b, c = XOperator(task_id="b", dag=dag), XOperator(task_id="c", dag=dag)
        chain(a, b)
        b.set_downstream(c)
        """
    ) == {"a": [], "b": ["a"], "c": ["b"]}


def test_computed_ids_are_listed_with_their_lines():
    read = read_source("dag = DAG(name)\nwith DAG('d'):\n    XOperator(task_id=f'a_{b}')\n")
    assert read["unread"] == [
        (1, "a DAG whose id is computed"),
        (3, "a XOperator whose task_id is computed"),
    ]


def test_classes_and_functions_that_are_no_operators_are_left_alone():
    (dag,) = read_source(
        "dag = DAG('d')\nclass MyOperator(BaseOperator): ...\nx = operator(task_id='a')\nHook()\n"
    )["dags"]
    assert dag["tasks"] == []


def test_lines_that_are_no_python_are_left_out_one_by_one():
    read = read_source("dag = DAG('d')\nprint 'x'\na = XOperator(task_id='a', dag=dag)\nexec 'y'\n")
    assert read["left_out"] == [2, 4]
    assert [task["task_id"] for task in read["dags"][0]["tasks"]] == ["a"]


def test_text_that_is_no_python_at_all_yields_nothing():
    assert read_source("<html>\n" * 500)["dags"] == []
