"""Values of settings files that are not in the code base."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adapters.airflow.legacy.snapshot import DagSnapshot
from adapters.airflow.lineage.reading import read_snapshot

Recorder = Callable[..., DagSnapshot]
HEAD = """
import configparser
import json
import yaml
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
config = configparser.ConfigParser()
config.read("conf/pipeline.ini")
"""
COPY = """
with DAG("x"):
    BashOperator(task_id="t", bash_command="aws s3 cp s3://in/a.csv s3://" + str({}) + "/b.csv")
"""
WRITTEN = {
    "an option": ('config.get("s3", "bucket")', "s3://{bucket}/b.csv"),
    "an item": ('config["s3"]["bucket"]', "s3://{bucket}/b.csv"),
    "an item that may be missing": ('config["s3"].get("bucket")', "s3://{bucket}/b.csv"),
    "a part of a word": ('"lake" + config["s3"]["stage"]', "s3://lake{stage}/b.csv"),
    "its fallback": ('config.get("s3", "bucket", fallback="lake")', "s3://lake/b.csv"),
    "a number": ('config.getint("s3", "number") * 0 + 7', "s3://7/b.csv"),
    "a switch": ('"a" if config.getboolean("s3", "is_on") else "b"', "s3://a/b.csv"),
    "all of a section": ('dict(config.items("s3")).get("bucket", "lake")', "s3://lake/b.csv"),
    "whether there is one": ('"lake" if config.has_section("s3") else 1 / 0', "s3://lake/b.csv"),
    "json": ('json.load(open("/opt/conf/x.json"))["bucket"]', "s3://{unknown}/b.csv"),
    "json again": (
        'json.dumps(json.load(open("/opt/conf/x.json"))["bucket"]).strip("\\"")',
        "s3://{unknown}/b.csv",
    ),
    "yaml": ('"lake%s" % yaml.safe_load(open("conf/x.yml"))["stage"]', "s3://lake{unknown}/b.csv"),
}


def written(snapshot: DagSnapshot) -> list[tuple[str, bool]]:
    """What the only task writes, and whether that is certain."""
    (found,) = read_snapshot(snapshot).values()
    return [(ref.uri, ref.confidence >= 0.8) for ref in found.datasets if ref.direction == "write"]


@pytest.mark.parametrize("name", WRITTEN)
def test_what_a_missing_file_would_say_is_not_known(record: Recorder, name: str) -> None:
    expression, expected = WRITTEN[name]
    is_certain = "{" not in expected.replace("lake{", "lake")
    assert written(record(HEAD + COPY.format(expression))) == [(expected, is_certain)]


def test_a_finding_names_the_file(record: Recorder) -> None:
    snapshot = record(HEAD + COPY.format('config["s3"]["bucket"]'))
    messages = [each.message for each in snapshot.findings if each.code == "assumed_file"]
    assert messages == ["there is no file conf/pipeline.ini; what it holds is not known"]


def test_a_file_that_is_there_says_it_itself(record: Recorder) -> None:
    files = {"conf/pipeline.ini": "[s3]\nbucket = lake\n"}
    code = HEAD + COPY.format('config["s3"]["bucket"]')
    assert written(record({"dag.py": code, **files})) == [("s3://lake/b.csv", True)]


@pytest.mark.parametrize("asked", ['config["gs"]["bucket"]', 'config.get("s3", "other")'])
def test_what_a_file_lacks_that_is_there_is_an_error(record: Recorder, asked: str) -> None:
    files = {"conf/pipeline.ini": "[s3]\nbucket = lake\n"}
    codes = {each.code for each in record({"dag.py": HEAD + COPY.format(asked), **files}).findings}
    assert "not_run_to_end" in codes


def test_functions_ask_as_the_file_does(record: Recorder) -> None:
    code = """
    import configparser
    import pandas as pd
    from airflow import DAG
    from airflow.operators.python import PythonOperator
    def work():
        config = configparser.ConfigParser()
        config.read("/etc/pipeline.ini")
        pd.DataFrame().to_csv("s3://" + config.get("s3", "bucket") + "/b.csv")
    with DAG("x"):
        PythonOperator(task_id="t", python_callable=work)
    """
    assert written(record(code)) == [("s3://{bucket}/b.csv", False)]
