import json
import sys

import pytest

from adapters.airflow.legacy.loading import load_folder
from bridge.errors import ImportReadError


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ImportReadError, match="There is no file or folder"):
        load_folder(tmp_path / "dags")


def test_a_python_that_does_not_start_is_named(tmp_path):
    with pytest.raises(ImportReadError, match=r"/no/python did not load .*--python"):
        load_folder(tmp_path, python="/no/python")


def test_a_python_without_airflow_is_named_with_what_it_says(tmp_path):
    # -S leaves the packages of an environment out, whichever it is
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    python.chmod(0o755)
    with pytest.raises(ImportReadError, match=r"ModuleNotFoundError: No module named 'airflow'"):
        load_folder(tmp_path, python=python, environment={})


def test_a_python_that_takes_too_long_is_ended(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nsleep 600\n")
    python.chmod(0o755)
    with pytest.raises(ImportReadError, match=r"not done after 0 s"):
        load_folder(tmp_path, python=python, timeout_s=0.2)


def test_paths_of_the_machine_are_told_as_the_source_tells_them(tmp_path):
    folder = tmp_path / "shop" / "dags"
    folder.mkdir(parents=True)
    task = {
        "task_id": "t",
        "operator": "airflow.operators.bash.BashOperator",
        "arguments": {"bash_command": f"cp {tmp_path}/shop/a {tmp_path}/other"},
        "inlets": [],
        "outlets": [f"file://{folder}/x.csv"],
    }
    dag = {
        "dag_id": "d",
        "file": "d.py",
        "schedule": {"kind": "datasets", "datasets": [f"file://{folder}/y.csv"]},
        "links": [{"kind": "dataset", "uri": f"file://{folder}/y.csv"}],
        "params": {},
        "tasks": [task],
    }
    (tmp_path / "answer.json").write_text(
        json.dumps({"airflow": "3.0.0", "dags": [dag], "errors": {}})
    )
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncp {tmp_path}/answer.json "$3"\n')
    python.chmod(0o755)

    (found,) = load_folder(folder, python=python, environment={}).dags

    assert found.tasks[0].arguments == {"bash_command": f"cp /{{{{ folder }}}}/a {tmp_path}/other"}
    assert found.tasks[0].outlets == ("file:///{folder}/dags/x.csv",)
    assert found.schedule.datasets == ("file:///{folder}/dags/y.csv",)
    assert [link.uri for link in found.links] == ["file:///{folder}/dags/y.csv"]
