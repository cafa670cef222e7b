"""Code that reads its own files by paths of the machine it is deployed to."""

import pytest

CONFIGS = {"config/a.yml": "id: first", "config/b.yml": "id: second", "../schemas/t.json": "{}"}
HEAD = """
import glob, os
from pathlib import Path
from airflow import DAG
from airflow.operators.empty import EmptyOperator

def ids(texts):
    return [text.partition(": ")[2].strip() for text in texts]

with DAG("d", schedule=None):
    for name in {names}:
        EmptyOperator(task_id=name)
"""


def task_ids(record, names):
    snapshot = record({"dag.py": HEAD.format(names=names), **CONFIGS})
    return [task.task_id for task in snapshot.dag("d").tasks], snapshot


@pytest.mark.parametrize(
    "names",
    [
        "ids(open(f).read() for f in sorted(glob.glob('/opt/airflow/dags/config/*.yml')))",
        "ids(f.read_text() for f in sorted(Path('/usr/local/airflow/dags/config').glob('*')))",
        "ids(f.read_text() for f in sorted(Path('/opt/airflow/dags/config').iterdir()))",
        "ids(open('/srv/dags/config/' + f).read() for f in sorted(os.listdir('/srv/dags/config')))",
        "ids(open(os.path.join(a, f)).read() for a, _, c in os.walk('/opt/airflow/dags/config') "
        "for f in sorted(c))",
        "ids(open(f).read() for f in sorted(glob.glob('config/*.yml')))",
        "ids(open(f).read() for f in sorted(glob.glob('dags/config/*.yml')))",
    ],
)
def test_a_folder_of_another_machine_is_the_one_of_the_code_base(record, names):
    found, snapshot = task_ids(record, names)
    assert sorted(found) == ["first", "second"]
    assert {each.code for each in snapshot.findings} == {"assumed_path"}


def test_what_lies_beside_the_dag_folder_is_found_and_said(record):
    path = "/home/airflow/gcs/dags/schemas/t.json"
    found, snapshot = task_ids(record, f"['there'] if open({path!r}).read() == '{{}}' else []")
    assert found == ["there"]
    [said] = snapshot.findings
    assert said.message == f"{path} is not here; schemas/t.json of the code base is taken"


@pytest.mark.parametrize(
    "path",
    [
        "/opt/airflow/dags/config/other.yml",  # the code base has none
        "/data/config/a.yml",  # not Airflow's folder
        "/opt/airflow/.git/HEAD",
        "../../config/a.yml",
        ".env",
        "",
    ],
)
def test_other_files_that_are_missing_stay_missing(record, path):
    hidden = {"../.git/HEAD": "ref: x", ".env": "A=1"}
    names = f"['there' if os.path.exists({path!r}) else 'missing']"
    snapshot = record({"dag.py": HEAD.format(names=names), **CONFIGS, **hidden})
    assert [task.task_id for task in snapshot.dag("d").tasks] == ["missing"]
    assert not snapshot.findings


def test_a_file_that_is_there_is_read_itself(record, tmp_path):
    own = tmp_path / "project" / "dags" / "config" / "a.yml"
    found, snapshot = task_ids(record, f"ids([open({str(own)!r}).read()])")
    assert found == ["first"]
    assert not snapshot.findings


@pytest.mark.parametrize(
    "loaded",
    [
        "importlib.util.spec_from_file_location('m', '/srv/airflow/lib/made.py').loader",
        "importlib.machinery.SourceFileLoader('m', '/srv/airflow/lib/made.py')",
    ],
)
def test_a_module_may_be_loaded_by_such_a_path(record, loaded):
    snapshot = record(
        {
            "dag.py": "import importlib.machinery, importlib.util\n"
            f"loader = {loaded}\nm = loader.load_module('m')\ndag = m.make('d')\n",
            "lib/made.py": "from airflow import DAG\n\ndef make(name):\n    return DAG(name)\n",
        }
    )
    assert [dag.dag_id for dag in snapshot.dags] == ["d"]


def test_one_of_several_projects_has_its_own_root(record):
    read = "open('/srv/airflow/conf/a.yml').read()"
    snapshot = record(
        {
            "one/dags/dag.py": f"from airflow import DAG\ndag = DAG({read}.strip())\n",
            "one/conf/a.yml": "first\n",
            "two/conf/a.yml": "second\n",
        }
    )
    assert [dag.dag_id for dag in snapshot.dags] == ["first"]
