"""DAGs that `gusty` makes from folders of task files, with neither it nor Airflow here. What is
expected was compared with gusty 0.23 in Airflow 2.11.
"""

import json

import pytest

LOADS = """
import os
from airflow import DAG
from gusty import create_dag
here = os.path.dirname(os.path.abspath(__file__))
dag = create_dag(os.path.join(here, "etl"), schedule="@daily", latest_only={latest}, **{more})
"""
BASH = "operator: airflow.operators.bash.BashOperator\nbash_command: echo\n"


def loads(latest: bool = False, more: str = "{}") -> str:
    return LOADS.replace("{latest}", str(latest)).replace("{more}", more)


def edges(dag):
    return {task.task_id: set(task.upstream) for task in dag.tasks}


def test_each_file_is_a_task_whatever_its_kind(record):
    notebook = {"cells": [{"cell_type": "markdown", "source": ["```yaml\n", *BASH, "```"]}]}
    snapshot = record(
        {
            "load.py": loads(),
            "etl/METADATA.yml": "default_args: {owner: me, start_date: !datetime [2024, 1, 1]}\n",
            "etl/Plain.yml": BASH,
            "etl/query.sql": "---\noperator: airflow.providers.common.sql.operators.sql"
            ".SQLExecuteQueryOperator\ndependencies: [plain]\n---\nselect * from a\n",
            "etl/work.py": "# ---\n# python_callable: go\n# dependencies:\n#   - query\n# ---\n"
            "def go():\n    print()\n",
            "etl/whole.py": "print()\n",
            "etl/book.ipynb": json.dumps(notebook),
            "etl/report.Rmd": f"---\n{BASH}---\n# A report\n",
            "etl/_left_out.yml": BASH,
            "etl/notes.txt": "none",
        }
    )
    (dag,) = snapshot.dags
    assert (dag.dag_id, dag.schedule.cron, dag.start_date) == (
        "etl",
        "@daily",
        "2024-01-01T00:00:00",
    )
    assert edges(dag) == {
        "plain": set(),
        "query": {"plain"},
        "work": {"query"},
        "whole": set(),
        "book": set(),
        "report": set(),
    }
    assert dag.task("query").arguments == {"sql": "select * from a"}
    assert dag.task("work").arguments == {"python_callable": {"opaque": "function go"}}
    assert (dag.task("query").file, dag.task("query").owner) == ("etl/query.sql", "me")
    assert [found.code for found in snapshot.findings] == ["body_not_read"]


def test_folders_are_groups_and_their_names_may_be_in_their_tasks(record):
    snapshot = record(
        {
            "load.py": loads(),
            "etl/first.yml": BASH,
            "etl/last.yml": BASH + "dependencies: [load, nobody]\n",
            "etl/load/METADATA.yml": "prefix_group_id: true\ndependencies: [first]\n",
            "etl/load/one.yml": BASH,
            "etl/load/two.yml": BASH + "dependencies: [one]\n",
            "etl/plain/deep/x.yml": BASH,
        }
    )
    assert edges(snapshot.dags[0]) == {
        "first": set(),
        "last": {"load.load_one", "load.load_two"},
        "load.load_one": {"first"},
        "load.load_two": {"first", "load.load_one"},
        "x": set(),
    }
    assert snapshot.dags[0].task("x").group == "deep"


def test_other_dags_are_waited_for_by_one_sensor_each(record):
    snapshot = record(
        {
            "load.py": loads(more="{'wait_for_defaults': {'mode': 'reschedule'}}"),
            "etl/a.yml": BASH + "external_dependencies:\n  - up: t\n  - up: all\n",
            "etl/b.yml": BASH + "external_dependencies:\n  - up: t\n",
        }
    )
    (dag,) = snapshot.dags
    assert edges(dag)["a"] == {"wait_for_up_t", "wait_for_DAG_up"}
    assert edges(dag)["b"] == {"wait_for_up_t"}
    assert dag.task("wait_for_up_t").arguments["mode"] == "reschedule"
    assert {(link.target_dag_id, link.target_task_ids) for link in dag.links} == {
        ("up", ("t",)),
        ("up", ()),
    }


@pytest.mark.parametrize(
    ("made", "operator"),
    [
        ("BashOperator(bash_command='x', **given)", "airflow.operators.bash.BashOperator"),
        ("None", "ours.make"),
    ],
)
def test_a_function_may_stand_for_an_operator(record, made, operator):
    code = f"from airflow.operators.bash import BashOperator\ndef make(**given): return {made}\n"
    files = {"load.py": loads(), "../plugins/ours.py": code, "etl/METADATA.yml": "owner: me\n"}
    snapshot = record({**files, "etl/a.yml": "operator: ours.make\nretries: 2\n"})
    (task,) = snapshot.dags[0].tasks
    assert (task.operator, task.retries) == (operator, 2)


def test_a_group_that_another_group_waits_for_is_not_last(record):
    snapshot = record(
        {
            "load.py": loads(),
            "etl/METADATA.yml": "leaf_tasks: [finish]\n",
            "etl/finish.yml": BASH,
            "etl/first/a.yml": BASH,
            "etl/second/METADATA.yml": "dependencies: [first]\n",
            "etl/second/b.yml": BASH,
        }
    )
    assert edges(snapshot.dags[0]) == {"a": set(), "b": {"a"}, "finish": {"b"}}


def test_first_and_last_tasks_and_latest_only(record):
    snapshot = record(
        {
            "load.py": loads(latest=True),
            "etl/METADATA.yml": "root_tasks: [begin]\nleaf_tasks: [finish]\n"
            "external_dependencies:\n  - other: all\n",
            "etl/begin.yml": BASH,
            "etl/finish.yml": BASH,
            "etl/a.yml": BASH,
            "etl/b.yml": BASH + "dependencies: [a]\n",
            "etl/g/c.yml": BASH,
        }
    )
    assert edges(snapshot.dags[0]) == {
        "latest_only": set(),
        "wait_for_DAG_other": {"latest_only"},
        "begin": {"wait_for_DAG_other"},
        "a": {"begin"},
        "b": {"a"},
        "c": {"begin"},
        "finish": {"b", "c"},
    }


def test_own_operators_own_tags_and_several_tasks_in_a_file(record):
    snapshot = record(
        {
            "load.py": loads(more="{'dag_constructors': {'shout': lambda text: text.upper()}}"),
            "../operators/copy_operator.py": """
            from airflow.models import BaseOperator
            class CopyOperator(BaseOperator):
                def __init__(self, table, **kwargs):
                    self.table = table
                    super().__init__(**kwargs)
            """,
            "etl/copy.yml": """
            operator: local.CopyOperator
            unheard_of: 1
            retries: 2
            multi_task_spec:
              one: {table: !shout one}
              two: {table: two, dependencies: [one]}
            """,
        }
    )
    (dag,) = snapshot.dags
    assert edges(dag) == {"one": set(), "two": {"one"}}
    assert dag.task("one").arguments == {"table": "ONE"}
    assert (dag.task("two").operator, dag.task("two").retries) == (
        "copy_operator.CopyOperator",
        2,
    )


def test_a_file_that_cannot_be_read_is_said_and_costs_no_other(record):
    snapshot = record(
        {
            "load.py": loads(),
            "etl/good.yml": BASH,
            "etl/broken.yml": "operator: [\n",
            "etl/nothing.yml": "bash_command: x\n",
            "etl/tagged.yml": BASH + "env: !of_nobody x\n",
        }
    )
    assert set(edges(snapshot.dags[0])) == {"good", "tagged"}
    assert {(f.code, f.file, f.line) for f in snapshot.findings if f.severity != "info"} == {
        ("task_file_not_read", "etl/broken.yml", 2),
        ("task_file_not_read", "etl/nothing.yml", 1),
        ("yaml_tag_not_read", "etl/tagged.yml", 3),
    }


def test_every_folder_below_is_a_dag_of_its_own(record):
    snapshot = record(
        {
            "load.py": """
            from airflow import DAG
            from gusty import create_dags
            create_dags("/usr/local/airflow/dags/all", globals(), latest_only=False)
            """,
            "all/one/a.yml": BASH,
            "all/two/b.yml": BASH,
        }
    )
    assert [(dag.dag_id, set(edges(dag))) for dag in snapshot.dags] == [
        ("one", {"a"}),
        ("two", {"b"}),
    ]


def test_the_text_behind_a_tag_is_yaml_of_its_own(record):
    metadata = """default_args:
  start_date: !datetime '[2024, 1, 1]'
schedule: !timedelta 'minutes: 5'
"""
    snapshot = record({"load.py": loads(), "etl/METADATA.yml": metadata, "etl/a.yml": BASH})
    (dag,) = snapshot.dags
    assert dag.start_date == "2024-01-01T00:00:00"
    assert dag.schedule.interval_s == 300
    assert [found.code for found in snapshot.findings] == []
