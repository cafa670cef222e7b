"""Code for other versions of Python and of libraries runs here as it did there."""

import sys

import pytest

BEGIN = """
from airflow import DAG
from airflow.operators.bash import BashOperator
"""


def dag(shown):
    return f"\ndag = DAG('d')\nBashOperator(task_id='t', bash_command=str({shown}), dag=dag)\n"


def shown_by(snapshot):
    (only,) = snapshot.dag("d").tasks
    assert only.how == "recorded"
    return only.arguments["bash_command"]


def test_a_byte_order_mark_is_no_code(record):
    snapshot = record("\ufeff" + BEGIN.lstrip() + dag("'x'"))
    assert shown_by(snapshot) == "x"
    assert {file.outcome for file in snapshot.files} == {"recorded"}


def test_a_dataclass_may_be_a_default(record):
    code = """
from dataclasses import dataclass

@dataclass
class Table:
    name: str = "orders"

@dataclass
class Job:
    table: Table = Table()
"""
    assert shown_by(record(BEGIN + code + dag("Job().table.name"))) == "orders"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="older Pythons only refuse lists and such")
def test_a_list_as_a_default_is_refused_as_ever(record):
    code = "from dataclasses import dataclass\n@dataclass\nclass Job:\n    tables: list = []\n"
    (file,) = record(BEGIN + code + dag("Job()")).files
    assert "mutable default" in str(file.reason)


def test_pendulum_took_tzinfo_once(record):
    code = "import pendulum\nstart = pendulum.datetime(2020, 1, 1, tzinfo='Europe/Zurich')\n"
    assert shown_by(record(BEGIN + code + dag("start.timezone_name"))) == "Europe/Zurich"


PYDANTIC = {
    "optional": (
        "from typing import Optional\nfrom pydantic import BaseModel\n"
        "class Job(BaseModel):\n    table: Optional[str]\n    name: str = 'x'\n",
        "Job().table",
        "None",
    ),
    "settings": (
        "from pydantic import BaseSettings, Field\n"
        "class Settings(BaseSettings):\n    table: str = Field('orders', env='TABLE')\n",
        "Settings().table",
        "orders",
    ),
    "root_validator": (
        "from pydantic import BaseModel, root_validator\nfrom pydantic.fields import Field\n"
        "class Job(BaseModel):\n    table: str = Field('orders')\n"
        "    @root_validator\n    def known(cls, values):\n"
        "        return {**values, 'table': 'm.' + values['table']}\n",
        "Job().table",
        "m.orders",
    ),
}


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="pydantic 1 knows no newer Python")
@pytest.mark.parametrize("name", PYDANTIC)
def test_what_is_written_for_pydantic_1_gets_it(record, name):
    code, shown, said = PYDANTIC[name]
    snapshot = record({"a.py": BEGIN + code + dag(shown)})
    assert shown_by(snapshot) == said
    assert "assumed_version" in {found.code for found in snapshot.findings}


def test_what_is_written_for_pydantic_2_keeps_it(record):
    code = (
        "from pydantic import BaseModel, field_validator\n"
        "class Job(BaseModel):\n    table: str = 'orders'\n"
    )
    one = {"a.py": BEGIN + PYDANTIC["optional"][0].replace("Job", "Old") + "Old()\n"}
    snapshot = record({**one, "b.py": BEGIN + code + dag("Job().model_dump()")})
    assert shown_by(snapshot) == "{'table': 'orders'}"
    found = [each.file for each in snapshot.findings if each.code == "assumed_version"]
    assert found == ["a.py"]


def test_a_table_whose_file_is_not_here_is_unknown(record):
    code = "import pandas as pd\nrows = pd.read_csv('data/gone.csv')\nnames = list(rows['name'])\n"
    snapshot = record(BEGIN + code + dag("len(names)"))
    assert shown_by(snapshot)
    assert "assumed_file" in {found.code for found in snapshot.findings}
