"""Scripts of the code base that tasks start: which are found, and with what they are read."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from adapters.airflow.legacy.snapshot import Script
from adapters.airflow.legacy.take import record_folder

HEAD = """
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.providers.amazon.aws.operators.emr import EmrAddStepsOperator
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.providers.apache.beam.operators.beam import BeamRunPythonPipelineOperator
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.operators.spark_kubernetes import SparkKubernetesOperator
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator
from airflow.providers.google.cloud.operators.dataproc import DataprocSubmitJobOperator
from airflow.providers.papermill.operators.papermill import PapermillOperator
import subprocess
"""
FILES = {
    "jobs/by_words.py": """
        import sys
        import pandas as pd
        pd.read_csv(sys.argv[1])
        """,
    "jobs/by_parser.py": """
        import argparse
        import pandas as pd

        def main(given):
            pd.read_csv(f"{given.source}/{given.day}")

        if __name__ == "__main__":
            parser = argparse.ArgumentParser()
            parser.add_argument("-s", "--source", default="s3://lake")
            parser.add_argument("--day", required=True)
            parser.add_argument("--dry-run", action="store_true")
            main(parser.parse_args())
        """,
    "jobs/by_click.py": """
        import click
        import pandas as pd

        @click.command()
        @click.option("--source", "-s", default="s3://lake")
        @click.argument("day")
        def main(source, day):
            pd.read_csv(f"{source}/{day}")

        if __name__ == "__main__":
            main()
        """,
    "jobs/by_typer.py": """
        import typer
        import pandas as pd

        app = typer.Typer()

        @app.command()
        def load(day: str, source: str = typer.Option("s3://lake", "-s")):
            pd.read_csv(f"{source}/{day}")

        @app.command()
        def drop(day: str):
            pd.read_csv(f"s3://dropped/{day}")

        app()
        """,
    "jobs/by_environment.py": """
        import os
        import pandas as pd
        pd.read_csv(os.environ["SOURCE"] + "/" + os.getenv("DAY", "x"))
        """,
    "jobs/by_glue.py": """
        import sys
        import pandas as pd
        from awsglue.utils import getResolvedOptions
        given = getResolvedOptions(sys.argv, ["source", "day"])
        pd.read_csv(given["source"] + "/" + given["day"])
        """,
    "jobs/package/__init__.py": "",
    "jobs/package/__main__.py": """
        from jobs.package.inside import work
        work()
        """,
    "jobs/package/inside.py": """
        import pandas as pd
        def work():
            pd.read_csv("s3://lake/inside")
        """,
    "jobs/app.yaml": """
        kind: SparkApplication
        metadata: {name: "x-{{ ds }}"}
        spec:
          mainApplicationFile: local:///opt/spark/jobs/by_words.py
          arguments: ["s3://lake/{{ ds }}"]
        """,
    "jobs/main.py": "import pandas as pd\npd.read_csv('s3://lake/main')\n",
    "jobs/run.sh": 'cd "$(dirname $0)"\npython by_words.py s3://lake/by_shell\n',
    "books/exported.py": """
        # Databricks notebook source
        dbutils.widgets.text("source", "s3://lake")
        # COMMAND ----------
        # MAGIC %sql
        # MAGIC select * from raw.orders
        # COMMAND ----------
        # MAGIC %scala
        # MAGIC val x = 1
        # COMMAND ----------
        spark.read.parquet(dbutils.widgets.get("source") + "/" + dbutils.widgets.get("day"))
        """,
}


@pytest.fixture
def scripts(tmp_path: Path):
    """What the task starts that is made by an expression."""

    def run(task: str, before: str = "") -> tuple[Script, ...]:
        folder = tmp_path / "project" / "dags"
        folder.mkdir(parents=True, exist_ok=True)
        (folder.parent / "requirements.txt").touch()
        (folder / "main.py").write_text(FILES["jobs/main.py"])
        for name, text in FILES.items():
            path = folder.parent / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).lstrip("\n"))
        notebook = {
            "cells": [
                _cell("day = 'monday'", "parameters"),
                _cell("%matplotlib inline\nimport pandas as pd"),
                {"cell_type": "markdown", "source": "pd.read_csv('no')"},
                _cell("pd.read_csv('s3://lake/' + day)"),
            ]
        }
        (folder.parent / "books" / "plain.ipynb").write_text(json.dumps(notebook))
        dag = f'{HEAD}\n{before}\nwith DAG("d", schedule=None):\n    {task}\n'
        (folder / "d.py").write_text(dag)
        return record_folder(folder, "x").dags[0].tasks[0].scripts

    return run


def _cell(text: str, *tags: str) -> dict[str, object]:
    return {"cell_type": "code", "source": text.splitlines(True), "metadata": {"tags": [*tags]}}


def texts(found: tuple[Script, ...]) -> list[object]:
    return [call.arguments[0] for each in found for call in each.calls]


def bash(command: str) -> str:
    return f"BashOperator(task_id='t', bash_command={command!r})"


STARTED = {
    "words": (bash("python /opt/jobs/by_words.py s3://lake/a"), "s3://lake/a"),
    "template": (
        bash("python3 /opt/jobs/by_words.py s3://lake/{{ ds }} > /tmp/log"),
        "s3://lake/{{ ds }}",
    ),
    "changed_folder": (bash("cd /opt/jobs && python -u by_words.py s3://lake/a"), "s3://lake/a"),
    "variable": (bash("A=s3://lake/a\npython $HOME/jobs/by_words.py $A"), "s3://lake/a"),
    "unset_variable": (bash("python $HOME/jobs/by_words.py $A/x"), "{{ A }}/x"),
    "behind_a_tool": (bash("poetry run python jobs/by_words.py s3://a/x"), "s3://a/x"),
    "executable": (bash("/opt/jobs/by_words.py s3://a/x"), "s3://a/x"),
    "parser": (bash("python jobs/by_parser.py --day=1 -s s3://b --dry-run"), "s3://b/1"),
    "parser_default": (bash("python jobs/by_parser.py --day 1"), "s3://lake/1"),
    "parser_unknown": (bash("python jobs/by_parser.py"), "s3://lake/{{ day }}"),
    "click": (bash("python jobs/by_click.py -s s3://b 1"), "s3://b/1"),
    "click_default": (bash("python jobs/by_click.py 1"), "s3://lake/1"),
    "typer": (bash("python jobs/by_typer.py load -s s3://b 1"), "s3://b/1"),
    "typer_other": (bash("python jobs/by_typer.py drop 1"), "s3://dropped/1"),
    "module": (bash("python -m jobs.by_words s3://a/x"), "s3://a/x"),
    "package": (bash("python -m jobs.package"), "s3://lake/inside"),
    "inline": (bash("python -c \"import pandas; pandas.read_csv('s3://a/x')\""), "s3://a/x"),
    "fed": (
        bash("python - <<EOF\nimport pandas\npandas.read_csv('s3://a/{{ ds }}')\nEOF\n"),
        "s3://a/{{ ds }}",
    ),
    "shell_script": (bash("bash /opt/jobs/run.sh"), "s3://lake/by_shell"),
    "shell_in_shell": (bash("sh -c 'python jobs/by_words.py s3://a/x'"), "s3://a/x"),
    "environment": (
        "BashOperator(task_id='t', bash_command='python jobs/by_environment.py',"
        " env={'SOURCE': 's3://b', 'DAY': '{{ ds }}'})",
        "s3://b/{{ ds }}",
    ),
    "spark": (
        "SparkSubmitOperator(task_id='t', application='/opt/jobs/by_words.py',"
        " application_args=['s3://a/x'])",
        "s3://a/x",
    ),
    "glue": (
        "GlueJobOperator(task_id='t', script_location='s3://code/jobs/by_glue.py',"
        " script_args={'--source': 's3://b', '--day': '1'})",
        "s3://b/1",
    ),
    "dataproc": (
        "DataprocSubmitJobOperator(task_id='t', job={'pyspark_job': {"
        "'main_python_file_uri': 'gs://code/jobs/by_parser.py', 'args': ['--day', '1']}})",
        "s3://lake/1",
    ),
    "beam": (
        "BeamRunPythonPipelineOperator(task_id='t', py_file='gs://code/jobs/by_parser.py',"
        " pipeline_options={'day': '1'})",
        "s3://lake/1",
    ),
    "application_of_kubernetes": (
        "SparkKubernetesOperator(task_id='t', application_file='../jobs/app.yaml')",
        "s3://lake/{{ ds }}",
    ),
    "application_as_a_mapping": (
        "SparkKubernetesOperator(task_id='t', template_spec={'spec': {'mainApplicationFile':"
        " 'local:///opt/jobs/by_words.py', 'arguments': ['s3://lake/a']}})",
        "s3://lake/a",
    ),
    "in_a_container": (
        bash(
            "docker exec spark bash -c 'X=1 spark-submit --jars a.jar /x/jobs/by_words.py s3://a/x'"
        ),
        "s3://a/x",
    ),
    "pod": (
        "KubernetesPodOperator(task_id='t', cmds=['python'],"
        " arguments=['jobs/by_words.py', 's3://a/x'])",
        "s3://a/x",
    ),
    "notebook": (
        "PapermillOperator(task_id='t', input_nb='/opt/books/plain.ipynb',"
        " parameters={'day': 'sunday'})",
        "s3://lake/sunday",
    ),
    "subprocess": (
        "PythonOperator(task_id='t', python_callable=lambda:"
        " subprocess.run(['python', '/opt/jobs/by_words.py', 's3://a/x']))",
        "s3://a/x",
    ),
}


@pytest.mark.parametrize(("task", "text"), STARTED.values(), ids=STARTED)
def test_a_script_is_read_with_what_it_is_given(scripts, task: str, text: str) -> None:
    found = scripts(task)
    assert texts(found) == [text]
    assert all(each.is_sure for each in found)


def test_a_notebook_of_databricks_is_read_with_its_widgets(scripts) -> None:
    (found,) = scripts(
        "DatabricksSubmitRunOperator(task_id='t', json={'notebook_task': {'notebook_path':"
        " '/Repos/me/books/exported', 'base_parameters': {'day': '1'}}})"
    )
    assert texts((found,)) == ["select * from raw.orders\n", "s3://lake/1"]
    assert [call.line for call in found.calls] == [3, 10]


def test_a_file_that_only_has_the_name_is_not_sure(scripts) -> None:
    (found,) = scripts(
        "EmrAddStepsOperator(task_id='t', steps=[{'HadoopJarStep': {'Args': ['spark-submit',"
        " '--deploy-mode', 'cluster', 's3://code/by_words.py', 's3://a/x']}}])"
    )
    assert not found.is_sure
    assert texts((found,)) == ["s3://a/x"]


LEFT_ALONE = {
    "a_name_that_many_have": bash("python /opt/elsewhere/main.py"),
    "a_common_name_in_an_image": (
        "KubernetesPodOperator(task_id='t', image='x', cmds=['python', 'main.py'])"
    ),
    "no_such_file": bash("python /opt/jobs/other.py s3://a/x"),
    "only_printed": bash("echo jobs/by_words.py"),
    "handed_on": "SparkSubmitOperator(task_id='t', application='x.jar', py_files='jobs/main.py')",
    "only_told_of": "BashOperator(task_id='t', bash_command='true', doc='python jobs/main.py')",
    "copied": (
        "SFTPOperator(task_id='t', local_filepath='jobs/by_words.py', remote_filepath='/x/y.py')"
    ),
    "a_library": bash("python -m pip install x"),
}


@pytest.mark.parametrize("task", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_starts_no_script_of_the_code_base(scripts, task: str) -> None:
    assert scripts(task) == ()
