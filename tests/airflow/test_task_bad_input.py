"""What is wrong around a task as it runs: it fails before anything is written, and says why."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.airflow.compat import DAG as AIRFLOW_DAG
from adapters.airflow.compat import AirflowException, AirflowFailException
from adapters.airflow.runtime import AssetOperator

pytestmark = pytest.mark.airflow

_DEFINITIONS = """
import os
from pathlib import Path

from bridge import Definitions, asset

HERE = Path(__file__).parent


@asset
def orders() -> list:
    (HERE / "called").touch()
    if (HERE / "loses_its_store").exists():
        for file in HERE.glob("store.db*"):
            file.write_bytes(b"no database " * 1000)
    return [1]


defs = Definitions([orders])
"""


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Path:
    module = f"bad_input_{abs(hash(request.node.name))}"
    (tmp_path / f"{module}.py").write_text(_DEFINITIONS)
    (tmp_path / "bridge.toml").write_text(
        f'definitions = ["{module}.py"]\nstore = "sqlite:///store.db"\nstorage = "storage"\n'
    )
    monkeypatch.setenv("BRIDGE_PROJECT", str(tmp_path))
    for name in ("BRIDGE_STORE", "BRIDGE_STORAGE", "BRIDGE_DEFINITIONS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(key: str = "orders") -> Any:
    start = datetime(2024, 1, 1, tzinfo=timezone.utc)
    dag = AIRFLOW_DAG("bad_input", schedule=None, start_date=start)
    task = AssetOperator(task_id="orders", asset_key=key, dag=dag)
    names = {"dag_id": "bad_input", "run_id": "r", "task_id": "orders", "map_index": -1}
    ti = SimpleNamespace(**names, try_number=1)
    return task.execute({"ti": ti, "dag_run": SimpleNamespace(run_id="r", conf={}), "task": task})


def written(project: Path) -> list[Path]:
    return [path for path in (project / "storage").rglob("*") if path.is_file()]


def test_a_store_that_does_not_answer_fails_the_task_before_its_function_is_called(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGE_STORE", "postgresql+psycopg2://ann:geheim@127.0.0.1:9/nowhere")

    with pytest.raises(
        AirflowException, match=r"Nothing was recorded\. See that it runs"
    ) as raised:
        run()

    assert not isinstance(raised.value, AirflowFailException)  # it may answer the next time
    assert "geheim" not in str(raised.value)
    assert not (project / "called").exists()
    assert written(project) == []


def test_a_store_lost_while_the_function_runs_leaves_nothing_half_written(project: Path) -> None:
    (project / "loses_its_store").touch()

    with pytest.raises(AirflowException, match="did not answer"):
        run()

    assert (project / "called").exists()
    assert written(project) == []


def test_an_asset_that_is_gone_is_not_tried_again(project: Path) -> None:
    with pytest.raises(AirflowFailException, match=r"no asset returns.*Generate the DAG again"):
        run("returns")

    assert written(project) == []


def test_definitions_that_do_not_load_say_where_and_are_not_tried_again(project: Path) -> None:
    (file,) = project.glob("bad_input_*.py")
    file.write_text("import nothing_of_this_name\n")

    with pytest.raises(AirflowFailException, match=rf'{file.name}", line 1.*') as raised:
        run()

    assert "No module named 'nothing_of_this_name'" in str(raised.value)


def test_settings_that_are_wrong_are_not_tried_again(project: Path) -> None:
    (project / "bridge.toml").write_text('definitions = ["a.py"\n')

    with pytest.raises(AirflowFailException, match=r"bridge\.toml is no valid TOML"):
        run()
