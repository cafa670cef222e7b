"""The golden files, as each Airflow reads them: all forms are the same DAGs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from adapters.airflow.compat import IS_AIRFLOW_3
from tests.airflow.test_generated import dag_bag, structure

pytestmark = pytest.mark.airflow

GOLDEN = Path(__file__).parents[1] / "adapters" / "airflow" / "generate" / "golden"


@pytest.mark.parametrize("form", [".", "loader", "target_3" if IS_AIRFLOW_3 else "target_2"])
def test_every_form_is_read_as_the_same_dags(form: str, tmp_path: Path) -> None:
    for name in (".", form):
        (tmp_path / "read" / name).mkdir(parents=True, exist_ok=True)
        for file in (GOLDEN / name).iterdir():
            if file.is_file():
                shutil.copy(file, tmp_path / "read" / name)
    expected = [dag_bag(file) for file in sorted((tmp_path / "read").glob("*.py"))]
    found = [dag_bag(file) for file in sorted((tmp_path / "read" / form).glob("*.py"))]

    assert [bag.import_errors for bag in (*expected, *found)] == [{}] * (len(expected) + len(found))
    dags = {name: structure(dag) for bag in found for name, dag in bag.dags.items()}
    assert set(dags) == {"flights__assets", "reports__assets"}
    assert dags == {name: structure(dag) for bag in expected for name, dag in bag.dags.items()}
