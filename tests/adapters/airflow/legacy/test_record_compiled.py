"""A module that many files import is compiled once and run by each; what it does stays theirs."""

import json

import pytest

from adapters.airflow.legacy.record.child.compiled import _Compiled
from adapters.airflow.legacy.record.child.journal import journal

MANY = 30
FILE = """
from airflow import DAG
from airflow.operators.bash import BashOperator
from shared import {name}
dag = DAG("d_{number}")
BashOperator(task_id="t", bash_command=str({name}.VALUE), dag=dag)
{name}.VALUE = {number}
"""


def files(module, *names):
    shared = {f"shared/m_{number}.py": module for number in range(25)}
    asked = {
        f"f_{number}.py": FILE.format(name=f"m_{number % 2}", number=number)
        + "".join(f"from shared import m_{other}\n" for other in range(2, 25))
        for number in range(MANY)
    }
    return {"shared/__init__.py": "", **shared, **asked}


@pytest.mark.parametrize("value", ["'first'", "[number for number in range(3)]"])
def test_each_file_runs_a_shared_module_for_itself(record, value):
    snapshot = record(files(f"VALUE = {value}\n"))
    said = {dag.tasks[0].arguments["bash_command"] for dag in snapshot.dags}
    assert len(snapshot.dags) == MANY
    assert said == {"first" if "first" in value else "[0, 1, 2]"}


def test_each_file_says_what_a_shared_module_assumed_for_it(record):
    module = "import os\nfrom airflow.models import Variable\nimport not_there\n"
    module += "VALUE = Variable.get('bucket') + os.environ['STAGE']\n"
    snapshot = record(files(module))
    assert len(snapshot.dags) == MANY
    for number in range(MANY):
        codes = {one.code for one in snapshot.findings if one.file == f"f_{number}.py"}
        assert {"assumed_variable", "assumed_environment", "stand_in_module"} <= codes


@pytest.mark.parametrize(
    "module",
    [
        "import os\nos._exit(0)\n",
        "raise SystemExit\n",
        "this is no python\n",
        "VALUE = " + "(" * 5000 + ")" * 5000 + "\n",
        "import importlib.machinery as m\nm.SourceFileLoader.get_code = None\nraise ValueError\n",
    ],
)
def test_a_shared_module_that_misbehaves_costs_only_those_that_import_it(record, module):
    snapshot = record(
        {**files(module), "good.py": "from airflow import DAG\ndag = DAG('good')\n"}, timeout_s=5.0
    )
    outcomes = {file.path: file.outcome for file in snapshot.files}
    assert outcomes["good.py"] == "recorded"
    assert {outcomes[f"f_{number}.py"] for number in range(MANY)} <= {"partial", "source"}
    said = {file.reason for file in snapshot.files if file.path.startswith("f_")}
    assert len(said) <= 3, json.dumps(sorted(map(str, said)))


def test_code_is_kept_from_the_second_use_on_and_only_of_the_code_base(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    paths = []
    for number in range(20):
        for folder in (inside, outside):
            folder.mkdir(exist_ok=True)
            (folder / f"m_{number}.py").write_text("VALUE = 1\n")
            paths.append(str(folder / f"m_{number}.py"))
    journal.begin("", [str(inside)], str(inside))
    known = _Compiled()
    known.learn(paths)
    assert known.code == {}
    known.learn(paths)
    assert sorted(known.code) == sorted(path for path in paths if path.startswith(str(inside)))
