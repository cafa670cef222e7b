"""The whole story on one machine: a legacy Airflow pipeline imported, observed, rebuilt as assets,
generated back as a DAG, run by a real Airflow, and one of its tasks cut over and rolled back.

`make demo` runs it, as often as you like. `demo.py FOLDER` works in another folder than .demo.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / ".demo"
UNIT = "flights_daily.build_fct_departures"
DEPARTURES = "flights_warehouse/fct_departures"
ENVIRONMENT = "airflow.env"  # what the deployment sets, as in a container's env file
STEPS = 8


@dataclass
class Story:
    """Runs commands as a person would type them; the first that fails ends it."""

    environment: dict[str, str]
    started: float = field(default_factory=time.monotonic)
    step: int = 0

    def chapter(self, title: str) -> None:
        """Say what comes next, and how far we are."""
        self.step += 1
        passed = time.monotonic() - self.started
        print(f"\n[{self.step}/{STEPS}, {passed:.0f} s]  {title}", flush=True)

    def run(self, *command: str, quiet: bool = False) -> str:
        """Run one command in the project; `quiet` ones are shown only where they fail."""
        print(f"\n$ {' '.join(command)}", flush=True)
        words = [sys.executable, "-m", *command[2:]] if command[:2] == ("python", "-m") else command
        done = subprocess.run(
            words,
            cwd=WORK,
            env=self.environment,
            text=True,
            check=False,
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.STDOUT if quiet else None,
        )
        if done.returncode:
            print(done.stdout or "", f"\nstopped: exit code {done.returncode}", file=sys.stderr)
            raise SystemExit(done.returncode)
        return done.stdout or ""

    def airflow(self, dag_id: str, day: str, folder: str, *options: str) -> None:
        """One real run of a DAG by Airflow itself, without a server."""
        self.environment["AIRFLOW__CORE__DAGS_FOLDER"] = str(WORK / folder)
        begin = time.monotonic()
        self.run("airflow", "dags", "test", dag_id, day, *options, quiet=True)
        print(f"  Airflow ran {dag_id} for {day} in {time.monotonic() - begin:.0f} s", flush=True)


def departures(day: str) -> int:
    """How many rows the warehouse holds for a day."""
    with sqlite3.connect(WORK / "warehouse" / "flights.db") as warehouse:
        query = "SELECT count(*) FROM fct_departures WHERE flight_date = ?"
        return int(warehouse.execute(query, (day,)).fetchone()[0])


def prepare() -> dict[str, str]:
    """A fresh copy of the example, and an environment in which Airflow and bridge find it."""
    shutil.rmtree(WORK, ignore_errors=True)
    left_out = shutil.ignore_patterns(".bridge", "warehouse", "__pycache__")
    shutil.copytree(HERE, WORK, ignore=left_out)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "BRIDGE_"))}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    warehouse = WORK / "warehouse" / "flights.db"
    deployment = {
        "AIRFLOW_CONN_FLIGHTS_WAREHOUSE": f"sqlite://{warehouse}",
        "FLIGHTS_WAREHOUSE": str(warehouse),
    }
    lines = [f"{name}={value}\n" for name, value in deployment.items()]
    (WORK / ENVIRONMENT).write_text("".join(lines))
    return environment | {
        **deployment,
        "AIRFLOW_HOME": str(WORK / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(WORK / "dags"),
        "BRIDGE_PROJECT": str(WORK),
        "BRIDGE_LISTENER": "1",
        "COLUMNS": "100",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }


def main() -> None:
    """Tell the story."""
    story = Story(prepare())
    bridge = ("python", "-m", "bridge")

    story.chapter("Read a legacy Airflow project: no edit, no Airflow needed, in a child process")
    story.run(*bridge, "import", "airflow", "dags", "--env-file", ENVIRONMENT)

    story.chapter("Let Airflow run the legacy DAG for a day; its tasks show up as materializations")
    story.run("airflow", "db", "migrate", quiet=True)
    story.airflow("flights_daily", "2013-01-05", "dags")
    story.run(*bridge, "status", "group:flights*")

    story.chapter("The same tables as assets: compute another day here, without Airflow")
    story.run(*bridge, "materialize", "+key:*rpt_delay_by_carrier", "--partition", "2013-01-06")

    story.chapter("Generate an Airflow DAG from the assets, and let Airflow run it")
    story.run(*bridge, "generate")
    partition = ("--conf", '{"partition": "2013-01-07"}')
    story.airflow("flights__assets", "2013-01-07", "dags_generated", *partition)
    print(f"  {departures('2013-01-07')} departures of 2013-01-07, built by the generated DAG")

    story.chapter(f"Cut one legacy task over: {UNIT} runs the asset from now on")
    story.run(*bridge, "migrate", "cutover", UNIT, "--yes")
    story.airflow("flights_daily", "2013-01-08", "dags")
    print(f"  {departures('2013-01-08')} departures of 2013-01-08, built by the asset")
    story.run(*bridge, "show", DEPARTURES)

    story.chapter("Roll it back: the next attempt runs the legacy SQL again")
    story.run(*bridge, "migrate", "rollback", UNIT, "--yes")
    story.airflow("flights_daily", "2013-01-09", "dags")
    print(f"  {departures('2013-01-09')} departures of 2013-01-09, built by the legacy SQL")
    story.run(*bridge, "migrate", "status")

    story.chapter("Both systems on one graph")
    story.run(*bridge, "status")
    story.run(*bridge, "lineage", DEPARTURES, "--up", "2", "--down", "2")

    story.chapter("Try next")
    python = Path(sys.executable)
    shown = Path("..", python.relative_to(ROOT)) if python.is_relative_to(ROOT) else python
    work = WORK.relative_to(ROOT) if WORK.is_relative_to(ROOT) else WORK
    print(f"""
  cd {work} && export FLIGHTS_WAREHOUSE="$PWD/warehouse/flights.db"
  {shown} -m bridge materialize "+key:*fct_departures" --partition 2013-12-31
  {shown} -m bridge show {DEPARTURES}
  {shown} -m bridge doctor

Done in {time.monotonic() - story.started:.0f} s. Everything is in {work}/.""")


if __name__ == "__main__":
    main()
