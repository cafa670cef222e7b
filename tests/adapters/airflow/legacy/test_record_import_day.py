"""Names that are made with the day on which the import runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

import pytest

from adapters.airflow.legacy.snapshot import DagSnapshot, Task
from adapters.airflow.lineage.reading import read_snapshot

Recorder = Callable[..., DagSnapshot]

HEAD = """
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
import pandas as pd
from airflow import DAG
from airflow.datasets import Dataset
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator

"""
TODAY = datetime.now(tz=timezone.utc).date()


def names(record: Recorder, before: str, text: str) -> list[str]:
    """The datasets of one task whose function reads a file of that name."""
    body = f"{before}\ndef work():\n    pd.read_csv({text})\n"
    end = "with DAG('x'):\n    PythonOperator(task_id='t', python_callable=work)\n"
    (found,) = read_snapshot(record(HEAD + body + end)).values()
    return [ref.uri for ref in found.datasets]


MOVING = {
    "a day": ("DAY = date.today()", 'f"s3://b/{DAY}.csv"'),
    "its form": ("DAY = date.today()", "f\"s3://b/{DAY.strftime('%y%j')}.csv\""),
    "a text": ("DAY = datetime.now().strftime('%d.%m.%Y')", 'f"s3://b/{DAY}.csv"'),
    "the day before": ("DAY = date.today() - timedelta(days=1)", 'f"s3://b/{DAY:%Y%m%d}.csv"'),
    "a week before": ("DAY = str(date.today() - timedelta(weeks=1))", 'f"s3://b/{DAY}.csv"'),
    "a moment": ("DAY = datetime.now().isoformat()", 'f"s3://b/{DAY}.csv"'),
    "a stamp": ("DAY = time.strftime('%Y%m%d_%H%M%S')", 'f"s3://b/{DAY}.csv"'),
    "seconds": ("DAY = int(time.time())", 'f"s3://b/{DAY}.csv"'),
    "a month": ("DAY = datetime.utcnow().strftime('%Y-%m')", 'f"s3://b/{DAY}.csv"'),
    "a form without a name": ("DAY = '{:%d%m%y}'.format(date.today())", 'f"s3://b/{DAY}.csv"'),
    "the month before": (
        "DAY = (date.today().replace(day=1) - timedelta(days=1)).strftime('%Y%m')",
        'f"s3://b/{DAY}.csv"',
    ),
    "a minute": ("DAY = f'{datetime.now():%Y-%m-%dT%H%M}'", 'f"s3://b/{DAY}.csv"'),
    "a moment without blanks": (
        "DAY = str(datetime.now()).replace(' ', '_').replace(':', '-')",
        'f"s3://b/{DAY}.csv"',
    ),
    "days ago": (
        "from airflow.utils.dates import days_ago\nDAY = days_ago(2).strftime('%Y%m%d')",
        'f"s3://b/{DAY}.csv"',
    ),
    "a word of pendulum": (
        "import pendulum\nDAY = pendulum.now('UTC').format('YYYY-MM')",
        'f"s3://b/{DAY}.csv"',
    ),
}


@pytest.mark.parametrize("name", MOVING)
def test_the_day_of_the_import_is_a_time_of_the_run(record: Recorder, name: str) -> None:
    assert names(record, *MOVING[name]) == ["s3://b/{now}.csv"]


def test_the_parts_of_the_day_are_times_of_the_run(record: Recorder) -> None:
    text = 'f"s3://b/year={NOW.year}/month={NOW.month:02d}/day={NOW.day}/x.csv"'
    assert names(record, "NOW = datetime.now()\nTEXT = " + text, "TEXT") == [
        "s3://b/year={now}/month={now}/day={now}/x.csv"
    ]


FIXED = {
    "no clock": ("DAY = '20' + '" + str(TODAY)[2:] + "'", f"s3://b/{TODAY}.csv"),
    "written down": (f"DAY = '{TODAY}'\nNOW = datetime.now()", f"s3://b/{TODAY}.csv"),
    "another day": (
        "DAY = date(2019, 5, 6).isoformat()\nNOW = datetime.now()",
        "s3://b/2019-05-06.csv",
    ),
    "years until now": (
        "DAY = list(range(2019, datetime.now().year + 1))[-1]",
        f"s3://b/{TODAY.year}.csv",
    ),
    "a month long ago": (
        "DAY = '2001-02'\nNOW = datetime.now().strftime('%Y-%m')",
        "s3://b/2001-02.csv",
    ),
    "a number": ("DAY = 1234567890\nNOW = time.time()", "s3://b/1234567890.csv"),
}


@pytest.mark.parametrize("name", FIXED)
def test_another_date_stays_as_it_is(record: Recorder, name: str) -> None:
    before, expected = FIXED[name]
    assert names(record, before, 'f"s3://b/{DAY}.csv"') == [expected]


def test_arguments_commands_and_outlets_do_not_change_with_the_day(record: Recorder) -> None:
    snapshot = record(
        HEAD
        + """
DAY = date.today()
with DAG("x"):
    BashOperator(
        task_id="t",
        bash_command=f"aws s3 cp s3://a/{DAY:%Y/%m/%d}.csv /tmp/{DAY}",
        outlets=[Dataset(f"s3://c/{DAY}.csv")],
    )
"""
    )
    (task,) = snapshot.dags[0].tasks
    (found,) = read_snapshot(snapshot).values()
    assert task.outlets == ("s3://c/{now}.csv",)
    assert {ref.uri for ref in found.datasets} == {f"s3://{each}/{{now}}.csv" for each in "ac"}
    assert not _says(task, TODAY)
    assert not _says(task, TODAY - timedelta(days=1))


def _says(task: Task, day: date) -> bool:
    return str(day) in task.model_dump_json()
