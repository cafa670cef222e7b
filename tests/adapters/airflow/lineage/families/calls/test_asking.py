"""What sensors and branches written in Python look at."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot
from tests.adapters.airflow.lineage.written_calls import lineage, touched

LOOKED_AT = {
    "os.exists('/data/x.csv')": "file:///data/x.csv",
    "os.getsize('/data/x.csv')": "file:///data/x.csv",
    "Path('/data/x.csv').exists()": "file:///data/x.csv",
    "boto3.client('s3').head_object(Bucket='b', Key='k/{{ ds }}')": "s3://b/k/{ds}",
    "S3Hook('aws').check_for_key('k', 'b')": "s3://b/k",
    "S3Hook().check_for_prefix(bucket_name='b', prefix='p/', delimiter='/')": "s3://b/p",
    "GCSHook().exists('b', 'o.csv')": "gs://b/o.csv",
    "storage.Client().bucket('b').blob('o.csv').exists()": "gs://b/o.csv",
    "WasbHook('w').check_for_blob('c', 'x.csv')": "wasbs://c/x.csv",
    "SFTPHook('s').path_exists('/in/x.csv')": "sftp://s/in/x.csv",
    "BigQueryHook().table_exists('d', 't', project_id='p')": "bigquery://default/p.d.t",
}


@pytest.mark.parametrize("call", LOOKED_AT)
def test_a_sensor_reads_what_it_looks_at(call: str) -> None:
    assert touched(lineage(call, operator="PythonSensor")) == ([LOOKED_AT[call]], [])


@pytest.mark.parametrize(
    "call", ["os.exists('/var/log/x.log')", "thing.exists('/data/x.csv')", "os.exists(3)"]
)
def test_what_is_no_data_is_left_alone(call: str) -> None:
    assert touched(lineage(call, operator="PythonSensor")) == ([], [])


def test_functions_are_followed_to_what_they_look_at(tmp_path: Path) -> None:
    code = """
    import os
    from pathlib import Path
    from airflow import DAG
    from airflow.decorators import task
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook
    from airflow.providers.google.cloud.hooks.gcs import GCSHook
    from airflow.sensors.base import BaseSensorOperator
    from airflow.sensors.python import PythonSensor
    class Waits(BaseSensorOperator):
        def __init__(self, path, **more):
            super().__init__(**more)
            self.path = path
        def poke(self, context):
            return os.path.exists(self.path)
    def first():
        return os.path.exists("/data/x.csv")
    with DAG("x"):
        PythonSensor(task_id="a", python_callable=first)
        PythonSensor(task_id="b", python_callable=lambda: os.path.isfile("/data/y.csv"))
        Waits(task_id="e", path="/data/e.csv")
        @task.sensor
        def c():
            return Path("/data").joinpath("z.csv").exists()
        c()
        @task
        def d():
            if os.path.exists("/data/old.csv"):
                os.remove("/data/old.csv")
        d()
        @task.sensor
        def f():
            return S3Hook().check_for_key("k", "b") and GCSHook().exists("b", "o.csv")
        f()
    """
    (tmp_path / "dag.py").write_text(textwrap.dedent(code), encoding="utf-8")
    found = {key[2]: touched(each) for key, each in read_snapshot(record_folder(tmp_path)).items()}
    assert found == {
        "a": (["file:///data/x.csv"], []),
        "b": (["file:///data/y.csv"], []),
        "c": (["file:///data/z.csv"], []),
        "d": ([], []),
        "e": (["file:///data/e.csv"], []),
        "f": (["gs://b/o.csv", "s3://b/k"], []),
    }
