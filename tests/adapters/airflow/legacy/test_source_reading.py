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


def test_a_function_under_task_group_makes_its_tasks_where_it_is_called():
    assert tasks_of(
        """
        @task_group(group_id="load")
        def loading(before):
            @task
            def copy(x): ...
            check = XOperator(task_id="check")
            copy(before) >> check
        @task_group
        def never(): XOperator(task_id="never")
        with DAG("d"):
            first, last = XOperator(task_id="first"), XOperator(task_id="last")
            loading(first) >> last
            last >> loading.override(group_id="again")(first)
            first >> loading(first)
        """
    ) == {
        "first": [],
        "last": ["load.check"],
        "load.copy": ["first"],
        "load.check": ["load.copy"],
        "again.copy": ["first", "last"],
        "again.check": ["again.copy"],
        "load__1.copy": ["first"],
        "load__1.check": ["load__1.copy"],
    }


def test_groups_are_before_and_behind_tasks_by_what_begins_and_ends_them():
    assert tasks_of(
        """
        with DAG("d") as dag:
            a, z = XOperator(task_id="a"), XOperator(task_id="z")
            with TaskGroup("g") as g:
                b = XOperator(task_id="b")
                with TaskGroup("h") as h:
                    b >> XOperator(task_id="c")
            a >> g >> z
            own = TaskGroup("own", dag=dag)
            XOperator(task_id="d", task_group=own)
            with TaskGroup("i", parent_group=own, prefix_group_id=False):
                XOperator(task_id="e")
        """
    ) == {
        "a": [],
        "z": ["g.h.c"],
        "g.b": ["a"],
        "g.h.c": ["g.b"],
        "own.d": [],
        "e": [],
    }


def test_a_mapped_group_comes_behind_what_it_is_mapped_over():
    text = """
    with DAG("d"):
        first = XOperator(task_id="first")
        @task_group()
        def g(x): XOperator(task_id="a")
        g.partial(y=3).expand(x=first.output)
    """
    assert tasks_of(text) == {"first": [], "g.a": ["first"]}
    (dag,) = read_source(textwrap.dedent(text))["dags"]
    assert [(task["group"], task["mapped"]) for task in dag["tasks"]] == [
        (None, False),
        ("g", True),
    ]


def test_tasks_of_a_group_whose_id_is_computed_are_listed_and_not_made_up():
    read = read_source(
        "with DAG('d'):\n    with TaskGroup(f'g_{x}'):\n        XOperator(task_id='a')\n"
    )
    assert read["dags"][0]["tasks"] == []
    assert read["unread"] == [
        (2, "a group whose id is computed"),
        (3, "the task a, whose group is not known"),
    ]


def test_a_group_that_calls_itself_ends():
    read = read_source("@task_group\ndef g():\n    g()\nwith DAG('d'):\n    g()\n")
    assert read["dags"][0]["tasks"] == []


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
