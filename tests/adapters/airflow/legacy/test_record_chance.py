"""Names made by chance are the same in every import, and a UUID in one is shown as such."""

from __future__ import annotations

from pathlib import Path

from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot

CODE = """
import random, string, uuid
from airflow import DAG, Dataset
from airflow.operators.python import PythonOperator
from airflow.providers.amazon.aws.operators.s3 import S3CreateObjectOperator

def object(name, key):
    S3CreateObjectOperator(task_id=name, s3_bucket="b", s3_key=key, data="x")

with DAG("d", schedule=None):
    object("whole", f"{uuid.uuid4()}/x")
    object("hex", uuid.uuid1().hex)
    object("short", "env" + str(uuid.uuid4())[:8] + ".csv")
    object("loud", str(uuid.uuid4()).upper()[:8])
    object("last", str(uuid.uuid4()).split("-")[-1])
    object("drawn", "".join(random.choices(string.ascii_lowercase, k=9)))
    object("other", "feed5eed.csv")
    PythonOperator(
        task_id="declared", python_callable=print, outlets=[Dataset(f"s3://b/{uuid.uuid4()}")]
    )
    PythonOperator(task_id=f"task_{uuid.uuid4()}", python_callable=print)
"""
WRITTEN = {
    "whole": "s3://b/{uuid}/x",
    "hex": "s3://b/{uuid}",
    "short": "s3://b/env{uuid}.csv",
    "loud": "s3://b/{uuid}",
    "last": "s3://b/{uuid}",
    "other": "s3://b/feed5eed.csv",
    "declared": "s3://b/{uuid}",
}


def written(folder: Path) -> dict[str, str]:
    found = read_snapshot(record_folder(folder))
    return {
        task_id: ref.uri
        for (_, _, task_id), lineage in found.items()
        for ref in lineage.datasets
        if ref.direction == "write"
    }


def test_a_uuid_is_shown_for_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "d.py").write_text(CODE)

    first, second = written(tmp_path), written(tmp_path)

    assert {name: uri for name, uri in first.items() if name in WRITTEN} == WRITTEN
    assert first == second
    assert first["drawn"].removeprefix("s3://b/").isalpha()


def test_what_uuids_make_of_names_stays_apart_and_the_same(tmp_path: Path) -> None:
    (tmp_path / "d.py").write_text(
        CODE + "    for number in range(3):\n        object(f'n_{uuid.uuid4()}', 'x')\n"
    )

    first, second = (
        [task.task_id for task in record_folder(tmp_path).dags[0].tasks] for _ in range(2)
    )

    assert first == second
    assert len(set(first)) == len(first) == 12
