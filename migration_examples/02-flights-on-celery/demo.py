"""Days of flights on an Airflow with CeleryExecutor: several at once, on two workers, one of which
is killed while it computes.

    demo.py --postgres postgresql+psycopg2://postgres@127.0.0.1:5432/postgres \\
            --redis redis://127.0.0.1:6379/0

Both servers may be in use otherwise: databases and keys have names of their own and are removed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cluster.airflow import Cluster, started

from bridge.keys import AssetKey
from bridge.store import open_store

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DAG = "flights_by_day"
REPORT = "rpt_carriers"
DAYS = [f"2013-01-0{day}" for day in range(1, 7)]


def main() -> None:
    """Tell the story."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    add = parser.add_argument
    add("--postgres", default=os.environ.get("BRIDGE_TEST_POSTGRES_URL"), metavar="URL")
    add("--redis", default=os.environ.get("BRIDGE_TEST_REDIS_URL"), metavar="URL")
    add("--folder", default=ROOT / ".demo-celery", type=Path, help="where to work")
    add("--stay", action="store_true", help="leave Airflow running until Ctrl-C")
    options = parser.parse_args()
    if not (options.postgres and options.redis):
        parser.error("name both servers, with --postgres and --redis or BRIDGE_TEST_…_URL")
    say("Generate the DAG")
    project = prepare(options.folder.resolve())
    say("Start Airflow with two Celery workers, and databases of its own")
    with started(project, options.postgres, options.redis) as cluster:
        print(f"  {cluster.url}, user admin, password {cluster.password}")
        say(f"{len(DAYS)} days at once, on both workers")
        several_days(cluster, DAYS)
        say("One more day, and its worker is killed while it computes the report")
        wait_for_the_other(cluster, lose_a_worker(cluster, "2013-01-07"))
        say("What the store says")
        bridge(cluster, "status")
        bridge(cluster, "show", REPORT)
        if options.stay:
            say("Airflow goes on until Ctrl-C")
            until_interrupted()
    say("Everything is stopped, databases and keys are gone")


def prepare(folder: Path) -> Path:
    """A fresh copy of the project with its DAG generated."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__", ".bridge"))
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "BRIDGE_"))}
    subprocess.run(
        [sys.executable, "-m", "bridge", "generate"], cwd=folder, env=environment, check=True
    )
    return folder


def several_days(cluster: Cluster, days: Iterable[str], **conf: Any) -> list[str]:
    """Ask for days at once, a day as often as it is named; the runs, when all have ended."""
    cluster.wait_for_dag(DAG)
    runs = [(day, cluster.trigger(DAG, day, **conf)) for day in days]
    hosts: Counter[str] = Counter()
    for day, run_id in runs:
        run = cluster.wait_for_run(DAG, run_id)
        hosts.update(task["hostname"] for task in cluster.tasks(DAG, run_id).values())
        print(f"  {day}  {run['state']}  {run['start_date'][11:19]} to {run['end_date'][11:19]}")
    print("  tasks:", ", ".join(f"{count} on {host}" for host, count in sorted(hosts.items())))
    return [run_id for _, run_id in runs]


def lose_a_worker(cluster: Cluster, day: str) -> str:
    """Ask for a day, and kill the worker that computes its report; the run."""
    run_id = cluster.trigger(DAG, day, **resampled(10_000))
    task = wait_until_computing(cluster, day, run_id)
    cluster.processes.kill(task["hostname"])
    print(f"  killed {task['hostname']} in try {task['try_number']} of {REPORT} for {day}")
    return run_id


def wait_for_the_other(cluster: Cluster, run_id: str) -> dict[str, Any]:
    """The report's task in the run, once that has ended."""
    began = time.monotonic()
    run = cluster.wait_for_run(DAG, run_id)
    task = cluster.tasks(DAG, run_id)[REPORT]
    took = time.monotonic() - began
    print(f"  {run['state']} after {took:.0f} s: try {task['try_number']} on {task['hostname']}")
    return task


def resampled(times: int) -> dict[str, Any]:
    """A run's configuration that makes the report more work."""
    return {"run_config": {REPORT: {"resamples": times}}}


def wait_until_computing(cluster: Cluster, day: str, run_id: str) -> dict[str, Any]:
    """The report's task, once its function runs: the store has noted a beginning, and no end."""
    store = open_store(cluster.services.store_url)

    def begun() -> dict[str, Any] | None:
        task = cluster.tasks(DAG, run_id).get(REPORT, {})
        found = store.events(AssetKey([REPORT]), partition=day, limit=1)
        is_computing = bool(found) and found[0].event.kind == "started"
        return task if is_computing and task["state"] == "running" else None

    try:
        return cluster.wait(f"the report of {day}", begun, 120)
    finally:
        store.close()


def bridge(cluster: Cluster, *arguments: str) -> None:
    """Run a command of the project in the cluster's environment, and show what it says."""
    print(f"\n$ python -m bridge {' '.join(arguments)}", flush=True)
    environment = cluster.environment | {"COLUMNS": "100"}
    project = environment["BRIDGE_PROJECT"]
    subprocess.run(
        [sys.executable, "-m", "bridge", *arguments], cwd=project, env=environment, check=True
    )


def until_interrupted() -> None:
    """Wait for Ctrl-C."""
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print()


def say(title: str) -> None:
    """What comes next."""
    print(f"\n{title}", flush=True)


if __name__ == "__main__":
    main()
