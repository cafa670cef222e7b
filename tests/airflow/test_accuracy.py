"""The import of Airflow's own example DAGs against what this Airflow loads of them."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from adapters.airflow.legacy.take import record_folder
from tests.accuracy import dagbag_truth
from tests.accuracy.comparing import scores
from tests.airflow.live.installed import WHAT_WOULD_RUN_IT, airflow_version

FOLDERS = ("airflow/example_dags", "airflow/providers/standard/example_dags")
# Their files make no DAG where the package kubernetes is missing; the recorder stands in for it.
NEED_KUBERNETES = ("example_kubernetes_executor", "example_local_kubernetes_executor")
LEAST_RECALL, LEAST_PRECISION = 99.5, 99.9


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_example_dags_are_recorded_as_airflow_loads_them(folder: str, tmp_path: Path) -> None:
    if airflow_version() is None:
        pytest.skip(WHAT_WOULD_RUN_IT)
    spec = find_spec("airflow")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parents[1] / folder
    if not path.is_dir():
        pytest.skip(f"the installed Airflow has no {folder}: 3.3 has its standard provider's")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "virtualenv").touch(mode=0o755)  # some examples look for it before they make a DAG
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }
    script = [sys.executable, str(dagbag_truth.__file__), str(path)]
    answer = subprocess.run(
        script, env=environment, capture_output=True, check=True, cwd=tmp_path, text=True
    )
    truth = dagbag_truth.read(answer.stdout)

    found = {score.name: score for score in scores(record_folder(path), truth)}

    assert found["DAGs"].true > 20
    for score in found.values():
        wrong = [name for name in score.wrong if not name.startswith(NEED_KUBERNETES)]
        assert score.recall >= LEAST_RECALL, score.missed
        assert 100 - 100 * len(wrong) / score.found >= LEAST_PRECISION, wrong
