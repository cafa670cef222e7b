"""`dag.test()` inside the test's own process: a migrated SQLite database and no server."""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class TestedRun:
    """What one `dag.test()` left behind; `task_states` as in LiveAirflow.task_states."""

    run_id: str
    state: str
    task_states: Mapping[str, str]


@dataclass(frozen=True)
class DagTestAirflow:
    """An Airflow without processes. Its settings are in `os.environ` while the fixture lives."""

    version: tuple[int, ...]
    home: Path
    dags_folder: Path
    env: Mapping[str, str]

    def migrate(self) -> None:
        """Make the tables of the metadata database, in a process of its own."""
        subprocess.run(
            [sys.executable, "-m", "airflow", "db", "migrate"],
            env=dict(self.env),
            cwd=self.home,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )

    def dag(self, file: Path, dag_id: str) -> Any:
        """The DAG object `dag_id` of a file, which is copied into the DAGs folder and imported from
        there.

        Airflow 3.3 runs only what it finds in its DAGs folder and can serialise.
        """
        file = Path(shutil.copy(file, self.dags_folder / file.name))
        spec = importlib.util.spec_from_file_location(f"dag_file_{file.stem}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for value in vars(module).values():
            if getattr(value, "dag_id", None) == dag_id and hasattr(value, "test"):
                return value
        raise AssertionError(f"{file} defines no DAG {dag_id}")

    def run(
        self, dag: Any, logical_date: datetime, conf: Mapping[str, Any] | None = None
    ) -> TestedRun:
        """Run a DAG to its end with `dag.test()`."""
        date = "logical_date" if self.version[0] >= 3 else "execution_date"
        run = dag.test(**{date: logical_date, "run_conf": dict(conf or {})})
        states = {
            instance.task_id
            if instance.map_index < 0
            else f"{instance.task_id}[{instance.map_index}]": str(instance.state)
            for instance in run.get_task_instances()
        }
        return TestedRun(run_id=run.run_id, state=str(run.state), task_states=states)
