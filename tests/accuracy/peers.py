"""The import beside what else reads DAG folders: recall, precision and CPU seconds, one table.

    python -m tests.accuracy.peers --toolkit .nox/peers/bin/airflow-lineage --airflow PYTHON \\
        FOLDER=TRUTH.json …

The peer is `airflow-lineage-toolkit`, which reads syntax only (`nox -s peers` installs it). A
truth is what `python -m tests.accuracy FOLDER --airflow PYTHON --write-truth TRUTH.json` wrote;
`--airflow` loads each folder again, to count what that costs. Nothing is supplied to anybody.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from adapters.airflow.legacy.take import record_folder
from tests.accuracy import dagbag_truth
from tests.accuracy.comparing import Found, Score, compared_dags, scores

Truth: TypeAlias = Mapping[str, Any]
_SHOWN = ("DAGs", "tasks", "edges")


def found_by_toolkit(answer: Mapping[str, Any]) -> Iterator[Found]:
    """The DAGs of the document that `airflow-lineage extract` writes."""
    for dag in answer["dags"].values():
        yield Found(
            dag_id=dag["dag_id"],
            file=dag["file"],
            tasks={task["task_id"]: task["operator"] or "" for task in dag["tasks"]},
            edges={(edge["upstream"], edge["downstream"]) for edge in dag["intra_dag_lineage"]},
            schedule=str(dag["schedule_interval"]),
        )


def _toolkit(program: str, folder: Path, truth: Truth) -> list[Score]:
    with tempfile.TemporaryDirectory() as place:
        output = Path(place) / "lineage.json"
        words = [program, "extract", "--quiet", "--dag-dir", str(folder), "--output", str(output)]
        subprocess.run(words, check=True, cwd=place, stdout=subprocess.DEVNULL)
        return compared_dags(found_by_toolkit(json.loads(output.read_text())), truth)


def _dagbag(python: str, folder: Path, truth: Truth) -> list[Score]:
    """All right by what the truth is; run for its costs."""
    words = [python, str(dagbag_truth.__file__), str(folder)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    dags = truth["dags"].items()
    found = (
        Found(name, dag["file"], dag["tasks"], set(map(tuple, dag["edges"])), dag["schedule"])
        for name, dag in dags
    )
    return compared_dags(found, truth)


def _cpu_s() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> int:
    """Print a row for each tool and folder."""
    words = argparse.ArgumentParser(prog="python -m tests.accuracy.peers")
    words.add_argument("pairs", nargs="+", metavar="FOLDER=TRUTH.json")
    words.add_argument("--toolkit", help="the program airflow-lineage")
    words.add_argument("--airflow", help="a Python that has Airflow and what the folders need")
    given = words.parse_args()
    print(
        "recall / precision, %".ljust(44) + "".join(f"{name:>16}" for name in _SHOWN) + "   CPU s"
    )
    for pair in given.pairs:
        folder, _, file = pair.rpartition("=")
        truth = dagbag_truth.read(Path(file).read_text(encoding="utf-8"))
        _rows(Path(folder).resolve(), truth, given.toolkit, given.airflow)
    return 0


def _rows(folder: Path, truth: Truth, toolkit: str | None, airflow: str | None) -> None:
    name = "/".join(folder.parts[-2:])
    _row(name, "bridge", lambda: scores(record_folder(folder), truth))
    if toolkit:
        _row(name, "toolkit", lambda: _toolkit(toolkit, folder, truth))
    if airflow:
        _row(name, "DagBag", lambda: _dagbag(airflow, folder, truth))


def _row(folder: str, tool: str, measured: Callable[[], list[Score]]) -> None:
    begin = _cpu_s()
    found = {score.name: score for score in measured()}
    took_s = _cpu_s() - begin
    cells = (f"{found[name].recall:6.1f} / {found[name].precision:5.1f}" for name in _SHOWN)
    print(f"{folder[:34]:<35}{tool:<9}" + "".join(f"{cell:>16}" for cell in cells), end="")
    print(f"{took_s:8.1f}")


if __name__ == "__main__":
    sys.exit(main())
