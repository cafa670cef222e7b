"""DAGs that `dag-factory` makes from YAML, with neither it nor Airflow here. What is expected was
compared with dag-factory 1.1 in Airflow 2.11.
"""

import pytest

LOADS = """
# airflow dag
from pathlib import Path
from dagfactory import load_yaml_dags
load_yaml_dags(globals_dict=globals(), config_filepath=str(Path(__file__).parent / "dags.yml"))
"""
OLD = """
import os
from airflow import DAG
import dagfactory
factory = dagfactory.DagFactory("/usr/local/airflow/dags/dags.yml")
factory.clean_dags(globals())
factory.generate_dags(globals())
"""
BASH = "operator: airflow.operators.bash.BashOperator"
TWO = f"""
default:
  default_args: {{owner: me, retries: 3, start_date: 2024-01-01}}
one:
  schedule: "@daily"
  tasks:
    a: {{{BASH}, bash_command: echo a}}
    b: {{{BASH}, bash_command: echo b, dependencies: [a]}}
two:
  schedule_interval: "0 3 * * *"
  tasks:
    - {{task_id: only, {BASH}, bash_command: x}}
"""


@pytest.mark.parametrize("loads", [LOADS, OLD])
def test_each_entry_of_the_file_is_a_dag(record, loads):
    snapshot = record({"load.py": loads, "dags.yml": TWO})
    assert [(dag.dag_id, dag.file, dag.schedule.cron) for dag in snapshot.dags] == [
        ("one", "load.py", "@daily"),
        ("two", "load.py", "0 3 * * *"),
    ]
    one = snapshot.dag("one")
    assert one.start_date == "2024-01-01T00:00:00+00:00"
    assert (one.owners, one.tags) == (("me",), ("dagfactory",))
    assert {task.task_id: task.upstream for task in one.tasks} == {"a": (), "b": ("a",)}
    b = one.task("b")
    assert (b.operator, b.retries) == ("airflow.operators.bash.BashOperator", 3)
    assert (b.file, b.line, b.arguments) == ("dags.yml", 7, {"bash_command": "echo b"})
    assert not [found for found in snapshot.findings if found.severity != "info"]


def test_a_path_of_another_machine_is_found_in_the_code_base_and_said(record):
    snapshot = record({"load.py": OLD, "dags.yml": TWO})
    assert [found.code for found in snapshot.findings] == ["assumed_path"]


def test_groups_lie_in_one_another_and_depend_on_each_other(record):
    snapshot = record(
        {
            "load.py": LOADS,
            "dags.yml": f"""
            d:
              task_groups:
                inner: {{parent_group_name: outer, dependencies: [first]}}
                outer: {{tooltip: x}}
                first: {{}}
              tasks:
                a: {{{BASH}, task_group_name: first}}
                b: {{{BASH}, task_group_name: inner}}
                c: {{{BASH}, dependencies: [outer]}}
            """,
        }
    )
    assert {task.task_id: (task.group, task.upstream) for task in snapshot.dags[0].tasks} == {
        "first.a": ("first", ()),
        "outer.inner.b": ("outer.inner", ("first.a",)),
        "c": (None, ("outer.inner.b",)),
    }


def test_decorators_results_and_mapping(record):
    snapshot = record(
        {
            "load.py": LOADS,
            "steps.py": "def make(n): ...\ndef show(x, y): ...\ndef plain(): ...\n",
            "dags.yml": """
            d:
              tasks:
                m: {decorator: airflow.decorators.task, python_callable: steps.make, n: 3}
                s:
                  decorator: airflow.decorators.task
                  python_callable: steps.show
                  partial: {y: 3}
                  expand: {x: +m}
                  dependencies: [m]
                p:
                  operator: airflow.operators.python.PythonOperator
                  python_callable_name: plain
                  python_callable_file: /opt/airflow/dags/steps.py
                e:
                  operator: airflow.operators.python.PythonOperator
                  python_callable_name: plain
                  python_callable_file: /opt/airflow/dags/steps.py
                  expand: {op_args: p.output}
                  dependencies: [p]
            """,
        }
    )
    (dag,) = snapshot.dags
    assert {task.task_id: (task.upstream, task.mapped) for task in dag.tasks} == {
        "m": ((), False),
        "s": (("m",), True),
        "p": ((), False),
        "e": (("p",), True),
    }
    assert dag.task("p").arguments["python_callable"] == {"opaque": "function plain"}


def test_schedules_of_datasets_and_typed_values(record):
    snapshot = record(
        {
            "load.py": LOADS,
            "dags.yml": f"""
            condition:
              schedule: {{datasets: "((s3://b/x & s3://b/y) | s3://b/z)"}}
              tasks:
                a: {{{BASH}, outlets: ["s3://b/out"]}}
            every:
              schedule: {{__type__: datetime.timedelta, hours: 6}}
              tasks: {{}}
            never:
              schedule: none
              tasks: {{}}
            """,
        }
    )
    assert snapshot.dag("condition").schedule.datasets == ("s3://b/x", "s3://b/y", "s3://b/z")
    assert snapshot.dag("condition").task("a").outlets == ("s3://b/out",)
    assert snapshot.dag("every").schedule.interval_s == 6 * 3600
    assert snapshot.dag("never").schedule.kind == "none"


def test_a_folder_of_files_with_defaults_where_the_nearer_wins(record):
    snapshot = record(
        {
            "load.py": "# airflow dag\nfrom dagfactory import load_yaml_dags\n"
            "load_yaml_dags(globals_dict=globals())\n",
            "defaults.yml": "default_args: {owner: far, retries: 1}\nschedule: '@weekly'\n",
            "team/defaults.yml": "default_args: {owner: near}\n",
            "team/one.yaml": f"one:\n  tasks:\n    a: {{{BASH}}}\n",
            "broken.yml": "one: [\n",
        }
    )
    one = snapshot.dag("one")
    assert (one.schedule.cron, one.owners, one.task("a").retries) == ("@weekly", ("near",), 1)
    assert [(f.severity, f.code, f.file) for f in snapshot.findings if f.severity == "error"] == [
        ("error", "yaml_not_read", "broken.yml")
    ]


def test_what_cannot_be_read_is_said_with_its_line_and_costs_no_other_dag(record):
    snapshot = record(
        {
            "load.py": LOADS,
            "dags.yml": f"""
            round:
              tasks:
                a: {{{BASH}, dependencies: [b]}}
                b: {{{BASH}, dependencies: [a]}}
            loose:
              tasks:
                a: {{{BASH}, dependencies: [nobody]}}
                own: {{operator: ours.gone.LoadOperator}}
                call:
                  operator: airflow.operators.python.PythonOperator
                  python_callable_name: gone
                  python_callable_file: /gone/steps.py
            """,
        }
    )
    loose = snapshot.dag("loose")
    assert {task.task_id: task.operator for task in loose.tasks} == {
        "a": "airflow.operators.bash.BashOperator",
        "own": "ours.gone.LoadOperator",
        "call": "airflow.operators.python.PythonOperator",
    }
    found = {(f.code, f.file, f.line) for f in snapshot.findings if f.severity != "info"}
    assert found == {
        ("yaml_dag_not_read", "dags.yml", 1),
        ("edge_not_read", "dags.yml", 7),
        ("name_not_read", "dags.yml", 9),
    }


def test_what_dag_factory_refuses_is_no_dag(record):
    snapshot = record(
        {
            "load.py": LOADS,
            "steps.py": "def show(x, ti, n=1): ...\n",
            "dags.yml": f"""
            neither:
              tasks: [{{task_id: a, bash_command: echo}}]
            lacks:
              tasks:
                s: {{decorator: airflow.decorators.task, python_callable: steps.show, n: 3}}
            whole:
              tasks:
                a: {{{BASH}}}
                s: {{decorator: airflow.decorators.task, python_callable: steps.show, x: +a}}
            """,
        }
    )
    assert [dag.dag_id for dag in snapshot.dags] == ["whole"]
    refused = {f.dag_id for f in snapshot.findings if f.code == "yaml_dag_not_read"}
    assert refused == {"neither", "lacks"}


def test_a_package_of_that_name_in_the_code_base_is_run_as_it_is(record):
    snapshot = record(
        {
            "load.py": """
            from airflow import DAG
            from dagfactory import make
            dag = make()
            """,
            "dagfactory/__init__.py": "from airflow import DAG\ndef make(): return DAG('own')\n",
        }
    )
    assert [dag.dag_id for dag in snapshot.dags] == ["own"]
