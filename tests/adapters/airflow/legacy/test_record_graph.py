"""DAG code of all ages, and the tasks and edges Airflow would make of it."""

import textwrap

import pytest

CASES = {
    "airflow_1_10": (
        """
        from datetime import datetime, timedelta
        from airflow import DAG
        from airflow.operators.bash_operator import BashOperator
        from airflow.operators import python_operator
        from airflow.contrib.operators.bigquery_operator import BigQueryOperator
        from airflow.operators.dummy_operator import DummyOperator
        from airflow.utils.dates import days_ago
        dag = DAG("old", default_args={"owner": "me", "retries": 2}, schedule_interval="@daily",
                  start_date=datetime(2019, 1, 1))
        a = BashOperator(task_id="a", bash_command="echo", dag=dag)
        b = python_operator.PythonOperator(task_id="b", python_callable=print, dag=dag)
        c = BigQueryOperator(task_id="c", sql="select 1", dag=dag)
        d = DummyOperator(task_id="d", dag=dag)
        b.set_upstream(a)
        b >> [c, d]
        """,
        {"a": [], "b": ["a"], "c": ["b"], "d": ["b"]},
    ),
    "dag_shift_of_1_x": (
        """
        from airflow import DAG
        from airflow.operators.dummy_operator import DummyOperator
        dag = DAG("shifted")
        a, b = DummyOperator(task_id="a"), DummyOperator(task_id="b")
        dag >> a >> b
        """,
        {"a": [], "b": ["a"]},
    ),
    "groups": (
        """
        from airflow import DAG
        from airflow.operators.empty import EmptyOperator
        from airflow.utils.task_group import TaskGroup
        from airflow.utils.edgemodifier import Label
        with DAG("groups", schedule=None) as dag:
            start = EmptyOperator(task_id="start")
            with TaskGroup("outer") as outer:
                x = EmptyOperator(task_id="x")
                with TaskGroup("inner", prefix_group_id=False):
                    y = EmptyOperator(task_id="y")
                x >> y
            end = EmptyOperator(task_id="end")
            start >> Label("go") >> outer >> end
        """,
        {"start": [], "outer.x": ["start"], "y": ["outer.x"], "end": ["y"]},
    ),
    "taskflow": (
        """
        from airflow.decorators import dag, task, task_group
        @dag(schedule="@hourly", start_date=None)
        def flow(bucket="b"):
            @task
            def extract(n): return n
            @task.branch(task_id="choose")
            def pick(x): return "load"
            @task(multiple_outputs=True, retries=3)
            def load(**context): ...
            @task_group
            def section(value):
                return load(value=value)
            first = extract(1)
            second = extract(first)
            chosen = pick([first, {"k": second}])
            chosen >> section(second["key"])
            load.override(task_id="again")()
        flow()
        """,
        {
            "extract": [],
            "extract__1": ["extract"],
            "choose": ["extract", "extract__1"],
            "section.load": ["choose", "extract__1"],
            "again": [],
        },
    ),
    "mapping": (
        """
        from airflow.sdk import dag, task
        from airflow.providers.standard.operators.bash import BashOperator
        @dag
        def mapped():
            @task
            def names(): return ["a"]
            @task
            def use(name, day): ...
            listed = names()
            used = use.partial(day="{{ ds }}").expand(name=listed.map(str.upper))
            BashOperator.partial(task_id="bash").expand(bash_command=listed) << used
        mapped()
        """,
        {"names": [], "use": ["names"], "bash": ["names", "use"]},
    ),
    "chains": (
        """
        from airflow.models.dag import DAG
        from airflow.models.baseoperator import chain, cross_downstream
        from airflow.operators.empty import EmptyOperator as E
        with DAG("chains"):
            a, b, c, d, e, f = (E(task_id=name) for name in "abcdef")
            chain(a, [b, c], [d, e], f)
            cross_downstream([a], [f])
        """,
        {"a": [], "b": ["a"], "c": ["a"], "d": ["b"], "e": ["c"], "f": ["a", "d", "e"]},
    ),
    "factory": (
        """
        from airflow import DAG
        from airflow.operators.bash import BashOperator
        def build(name):
            dag = DAG(f"etl_{name}", schedule_interval=None)
            with dag:
                previous = None
                for step in range(3):
                    task = BashOperator(task_id=f"step_{step}", bash_command="x")
                    if previous is not None:
                        previous >> task
                    previous = task
            return dag
        for name in ["made"]:
            globals()[f"dag_{name}"] = build(name)
        """,
        {"step_0": [], "step_1": ["step_0"], "step_2": ["step_1"]},
    ),
    "custom_operators": (
        """
        from airflow import DAG
        from airflow.models import BaseOperator
        from airflow.providers.postgres.operators.postgres import PostgresOperator
        from airflow.utils.decorators import apply_defaults
        class Copy(BaseOperator):
            template_fields = ("source",)
            @apply_defaults
            def __init__(self, source, target, *args, **kwargs):
                super().__init__(*args, **kwargs)
                self.source = source
                self.target = target
        class Nightly(PostgresOperator):
            def __init__(self, table, **kwargs):
                super().__init__(sql=f"insert into {table} select 1", **kwargs)
        class Broken(BaseOperator):
            def __init__(self, task_id, **kwargs):
                super().__init__(task_id=task_id, **kwargs)
                raise TypeError("needs a service")
        with DAG("custom", default_args={"target": "lake"}):
            nightly = Nightly(task_id="nightly", table="t")
            Copy(task_id="copy", source="x") >> nightly >> Broken("broken")
        """,
        {"copy": [], "nightly": ["copy"], "broken": ["nightly"]},
    ),
    "setup_teardown": (
        """
        from airflow.decorators import dag, setup, task, teardown
        @dag
        def cleaned():
            @setup
            def create(): ...
            @task
            def work(): ...
            @teardown
            def delete(): ...
            made, gone = create(), delete()
            made >> gone
            with gone:
                work()
        cleaned()
        """,
        {"create": [], "work": ["create"], "delete": ["create", "work"]},
    ),
    "subdag": (
        """
        from airflow import DAG
        from airflow.operators.subdag_operator import SubDagOperator
        from airflow.operators.dummy_operator import DummyOperator
        def child():
            sub = DAG("parent.section", schedule_interval=None)
            DummyOperator(task_id="inside", dag=sub)
            return sub
        dag = DAG("parent", schedule_interval=None)
        SubDagOperator(task_id="section", subdag=child(), dag=dag)
        """,
        {"section": []},
    ),
    "missing_modules": (
        """
        import pandas_that_is_not_here as pd
        from my_company.airflow import SparkSubmitPlusOperator, retry, Client
        from airflow import DAG
        client = Client(host="x")
        rows = client.query("select 1").rows
        class Step(Client):
            @property
            def name(self): return "s"
        with DAG("missing"):
            @retry(times=3)
            def run(): ...
            one = SparkSubmitPlusOperator(task_id="one", frame=pd.DataFrame(rows), call=run)
            two = SparkSubmitPlusOperator(task_id="two", x=int(rows.count) // 2, y=Step().name)
            one >> two
        """,
        {"one": [], "two": ["one"]},
    ),
    "assets_of_3_x": (
        """
        from airflow.sdk import Asset, asset
        @asset(schedule="@daily", uri="s3://lake/raw")
        def raw(): ...
        """,
        {"raw": []},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_tasks_and_edges_are_those_of_airflow(name, record):
    text, expected = CASES[name]
    snapshot = record(text)
    assert [file.outcome for file in snapshot.files] == ["recorded"], snapshot.files
    dag = next(dag for dag in snapshot.dags if "." not in dag.dag_id)
    assert {task.task_id: list(task.upstream) for task in dag.tasks} == expected


def test_default_args_reach_tasks_and_groups(record):
    snapshot = record(
        """
        from airflow import DAG
        from airflow.operators.bash import BashOperator
        from airflow.utils.task_group import TaskGroup
        with DAG("d", default_args={"owner": "a", "retries": 1, "pool": "p"}):
            BashOperator(task_id="one", bash_command="x", retries=5)
            with TaskGroup("g", default_args={"owner": "b"}):
                BashOperator(task_id="two", bash_command="x")
        """
    )
    one, two = snapshot.dags[0].task("one"), snapshot.dags[0].task("g.two")
    assert (one.owner, one.retries, one.pool) == ("a", 5, "p")
    assert (two.owner, two.retries, two.group) == ("b", 1, "g")
    assert snapshot.dags[0].owners == ("a", "b")


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        ('schedule_interval="@daily"', "cron", "@daily"),
        ('schedule="5 4 * * 1-5"', "cron", "5 4 * * 1-5"),
        ("schedule=None", "none", "None"),
        ("", "unset", ""),
        ("schedule=timedelta(hours=2)", "interval", "2:00:00"),
        ('schedule="@once"', "once", "@once"),
        ('schedule="@continuous"', "continuous", "@continuous"),
        ('schedule=[Dataset("s3://a/b"), Dataset("s3://a/a")]', "datasets", "datasets"),
        (
            'timetable=CronDataIntervalTimetable("0 3 * * *", timezone="Europe/Zurich")',
            "timetable",
            "CronDataIntervalTimetable(0 3 * * *, Europe/Zurich)",
        ),
        ("timetable=Mine()", "timetable", "Mine()"),
    ],
)
def test_every_form_of_schedule_is_named(record, given, kind, text):
    snapshot = record(
        f"""
        from datetime import timedelta
        from airflow import DAG, Dataset
        from airflow.timetables.base import Timetable
        from airflow.timetables.interval import CronDataIntervalTimetable
        class Mine(Timetable):
            def next_dagrun_info(self, **kwargs): ...
        dag = DAG("d", {given})
        """
    )
    assert (snapshot.dags[0].schedule.kind, snapshot.dags[0].schedule.text) == (kind, text)


def test_a_moving_start_date_is_no_date_and_a_finding(record):
    snapshot = record(
        """
        from airflow import DAG
        from airflow.utils.dates import days_ago
        dag = DAG("d", start_date=days_ago(2))
        """
    )
    assert snapshot.dags[0].start_date is None
    assert "moving_start_date" in {found.code for found in snapshot.findings}


def test_arguments_are_json_and_what_is_not_literal_says_so(record):
    task = (
        record(
            """
        from datetime import timedelta
        from airflow import DAG
        from airflow.operators.python import PythonOperator
        def load(ds, **context):
            context["ti"].xcom_pull(task_ids="first")
            return context["data_interval_end"]
        with DAG("d"):
            first = PythonOperator(task_id="first", python_callable=print)
            given = {"a": [1, (2,)], "when": timedelta(hours=1), "x": first.output, "o": object()}
            PythonOperator(task_id="t", python_callable=load, op_kwargs=given,
                           templates_dict={"d": "{{ next_ds }}"})
        """
        )
        .dags[0]
        .task("t")
    )
    assert task.arguments == {
        "python_callable": {"opaque": "function load"},
        "op_kwargs": {
            "a": [1, [2]],
            "when": 3600.0,
            "x": {"xcom": "first"},
            "o": {"opaque": "builtins.object"},
        },
        "templates_dict": {"d": "{{ next_ds }}"},
    }
    assert task.uses_xcom_of == ("first",)
    assert task.upstream == ("first",)
    assert task.context_used == ("data_interval_end", "ds", "next_ds")


def test_links_between_dags_are_recorded(record):
    dag = record(
        """
        from airflow import DAG
        from airflow.operators.trigger_dagrun import TriggerDagRunOperator
        from airflow.sensors.external_task import ExternalTaskSensor
        with DAG("d"):
            ids = ["b", "a"]
            ExternalTaskSensor(task_id="wait", external_dag_id="other", external_task_ids=ids)
            TriggerDagRunOperator(task_id="go", trigger_dag_id="next")
        """
    ).dags[0]
    found = {
        (link.kind, link.task_id, link.target_dag_id, link.target_task_ids) for link in dag.links
    }
    assert found == {
        ("external_task", "wait", "other", ("a", "b")),
        ("trigger_dag", "go", "next", ()),
    }


def test_variables_come_from_what_is_supplied_then_the_default_then_an_assumption(record):
    text = """
        from airflow import DAG
        from airflow.models import Variable
        from airflow.operators.bash import BashOperator
        with DAG("d"):
            bucket, place = Variable.get("bucket"), Variable.get("dir", "/x")
            BashOperator(task_id="t", bash_command=bucket, cwd=place)
        """
    assumed, given = record(text), record(text, variables={"bucket": "lake"})
    assert assumed.dags[0].tasks[0].arguments == {
        "bash_command": "{{ var.value.bucket }}",
        "cwd": "/x",
    }
    assert given.dags[0].tasks[0].arguments == {"bash_command": "lake", "cwd": "/x"}
    assert "assumed_variable" in {found.code for found in assumed.findings}
    assert "assumed_variable" not in {found.code for found in given.findings}


def test_a_missing_environment_variable_is_assumed_only_where_the_file_fails_without_it(record):
    snapshot = record(
        {
            "needs.py": """
            import os
            from airflow import DAG
            dag = DAG(f"etl_{os.environ['STAGE']}")
            """,
            "falls_back.py": """
            import os
            from airflow import DAG
            try:
                name = os.environ["STAGE"]
            except KeyError:
                name = "local"
            dag = DAG(f"etl_{name}", description=str(os.getenv("NOTHING")))
            """,
        }
    )
    assert [dag.dag_id for dag in snapshot.dags] == ["etl_env_STAGE", "etl_local"]
    assert [found.file for found in snapshot.findings if found.code == "assumed_environment"] == [
        "needs.py"
    ]


def test_a_loop_over_an_unknown_value_is_a_finding(record):
    snapshot = record(
        """
        import requests
        from airflow import DAG
        from airflow.operators.bash import BashOperator
        with DAG("d"):
            for name in requests.get("http://config/tables").json():
                BashOperator(task_id=name, bash_command="x")
        """
    )
    found = [found for found in snapshot.findings if found.code == "unknown_value_decides"]
    assert [(one.severity, one.line) for one in found] == [("warning", 5)]


def test_a_group_that_fills_itself_keeps_the_edges_around_it_and_is_a_finding(record):
    snapshot = record(
        """
        from airflow import DAG
        from airflow.operators.empty import EmptyOperator
        from cosmos import DbtDag, DbtTaskGroup, ProjectConfig
        with DAG("d"):
            before, after = EmptyOperator(task_id="before"), EmptyOperator(task_id="after")
            before >> DbtTaskGroup(group_id="dbt", project_config=ProjectConfig("x")) >> after
        whole = DbtDag(dag_id="whole", project_config=ProjectConfig("x"), schedule="@daily")
        """
    )
    assert [dag.dag_id for dag in snapshot.dags] == ["d", "whole"]
    assert snapshot.dag("d").task("after").upstream == ("before",)
    assert [found.line for found in snapshot.findings if found.code == "tasks_not_read"] == [6, 7]


def test_two_files_with_one_dag_id_are_both_kept_but_an_imported_dag_once(record):
    snapshot = record(
        {
            "one.py": "from airflow import DAG\ndag = DAG('same')\n",
            "two.py": "from airflow import DAG\ndag = DAG('same')\n",
            "three.py": "from airflow import DAG\nfrom four import dag\n",
            "four.py": "from airflow import DAG\ndag = DAG('imported')\n",
        }
    )
    assert [(dag.dag_id, dag.file) for dag in snapshot.dags] == [
        ("imported", "four.py"),
        ("same", "one.py"),
        ("same", "two.py"),
    ]
    assert [found.code for found in snapshot.findings] == ["duplicate_dag_id"]


def test_dags_that_airflow_would_not_find_are_left_alone(record):
    snapshot = record(
        """
        from airflow import DAG
        def hidden():
            DAG("never_in_globals")
        hidden()
        """
    )
    assert snapshot.dags == ()


def test_recording_twice_gives_the_same_bytes(record):
    text = (
        textwrap.dedent(CASES["taskflow"][0]) + "\n" + textwrap.dedent(CASES["missing_modules"][0])
    )
    assert record(text).to_json() == record(text).to_json()


def test_template_files_are_found_as_airflow_finds_them(record):
    dag = record(
        {
            "dag.py": """
            from airflow import DAG
            from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
            include = __file__.rsplit("/", 2)[0] + "/include"
            with DAG("d", template_searchpath=["/opt/airflow/none", include]):
                SQLExecuteQueryOperator(task_id="a", sql="a.sql")
                SQLExecuteQueryOperator(task_id="b", sql="sql/b.sql")
                SQLExecuteQueryOperator(task_id="c", sql="absent.sql")
            """,
            "sql/b.sql": "select '{{ ds }}' from b\n",
            "../include/a.sql": "{% include 'part.sql' %}\n",
            "../include/part.sql": "select 1 from a\n",
        }
    ).dags[0]
    assert {name: file.path for name, file in dag.templates.items()} == {
        "a.sql": "../include/a.sql",
        "part.sql": "../include/part.sql",
        "sql/b.sql": "sql/b.sql",
    }
    assert dag.task("b").context_used == ("ds",)


FAR_TEMPLATES = {
    "one/dags/dag.py": """
    from airflow import DAG
    from airflow.models import Variable
    from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
    with DAG("d", template_searchpath=PATH):
        SQLExecuteQueryOperator(task_id="a", sql="a.sql")
        SQLExecuteQueryOperator(task_id="b", sql="b.sql")
    """,
    "one/sql/a.sql": "select 1 from near\n",
    "two/sql/a.sql": "select 1 from far\n",
    "two/sql/b.sql": "select 1 from one_of_two\n",
    "three/sql/b.sql": "select 1 from other_of_two\n",
}


@pytest.mark.parametrize("path", ['Variable.get("sql_path")', '"/opt/airflow/of_the_deployment"'])
def test_of_a_search_path_that_is_elsewhere_the_nearest_sql_file_counts(record, path):
    files = {name: text.replace("PATH", path) for name, text in FAR_TEMPLATES.items()}
    snapshot = record(files)
    assert {name: file.path for name, file in snapshot.dags[0].templates.items()} == {
        "a.sql": "one/sql/a.sql"
    }
    codes = [(each.code, each.message) for each in snapshot.findings if "template" in each.code]
    assert sorted(codes) == [
        (
            "template_assumed",
            "the search path is not here: for template a.sql, one/sql/a.sql was taken",
        ),
        ("template_not_found", "the template b.sql was not found"),
    ]


def test_a_file_that_is_not_on_a_search_path_that_is_here_is_left_alone(record):
    files = {name: text.replace("PATH", "[]") for name, text in FAR_TEMPLATES.items()}
    assert record(files).dags[0].templates == {}


def test_params_of_a_task_are_kept_for_its_templates(record):
    dag = record(
        """
        from airflow import DAG
        from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
        with DAG("d"):
            SQLExecuteQueryOperator(
                task_id="a", sql="select 1 from {{ params.t }}", params={"t": "x", "password": "p"}
            )
            SQLExecuteQueryOperator(task_id="b", sql="select 1", retries=3)
        """
    ).dags[0]
    assert dag.task("a").arguments["params"]["t"] == "x"
    assert "p" not in dag.task("a").arguments["params"].values()
    assert set(dag.task("b").arguments) == {"sql"}


def test_arguments_may_have_any_name(record):
    snapshot = record(
        """
        from airflow import DAG
        from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

        class Pod(KubernetesPodOperator):
            def __init__(self, arguments, label, place, mapped, recorded, **kwargs):
                super().__init__(arguments=arguments, label=label, place=place, **kwargs)
                self.arguments = arguments
                self.label, self.place, self.mapped, self.recorded = label, place, mapped, recorded

        with DAG("d", schedule=None):
            Pod(task_id="t", arguments=["run"], label="l", place="p", mapped="m", recorded="r")
        """
    )

    (task,) = snapshot.dags[0].tasks
    assert task.task_id == "t"
    assert task.arguments["arguments"] == ["run"]
    assert (task.arguments["label"], task.arguments["mapped"]) == ("l", "m")
    assert not task.mapped


def test_the_package_for_both_airflows_has_the_names_of_the_sdk(record):
    snapshot = record(
        {
            "d.py": """
from airflow.providers.common.compat.sdk import dag, task, teardown

@task
def load():
    pass

@teardown
def clean():
    pass

@dag(dag_id="both")
def made():
    load() >> clean()

made()
"""
        }
    )
    (found,) = snapshot.dags
    assert {task.task_id: set(task.upstream) for task in found.tasks} == {
        "load": set(),
        "clean": {"load"},
    }


def test_a_name_of_the_sdk_elsewhere_in_a_provider_is_its_own(record):
    code = """
from airflow import DAG
from airflow.providers.acme.things import task

with DAG("d"):
    task("a")
"""
    assert record({"d.py": code}).dag("d").tasks == ()


def test_arguments_of_a_dags_function_are_its_params(record):
    snapshot = record(
        """
        from airflow.decorators import dag, task

        def load(table):
            @dag(dag_id=f"load_{table}", schedule=None, params={"zone": "raw"})
            def loading(table, limit=10, *, other):
                @task
                def work(name):
                    print(name)
                work(table)
            return loading(table, other=None)

        load("orders")
        """
    )
    assert snapshot.dags[0].params == {"zone": "raw", "table": "orders", "limit": 10, "other": None}
