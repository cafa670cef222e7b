"""The command: take a snapshot, compare it with the truth, print the scores."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from adapters.airflow.legacy.take import record_folder
from bridge.cli.supplied import environment_of, variables_of
from tests.accuracy.comparing import Score, scores
from tests.accuracy.dagbag_truth import compact, read

_SHOWN = 10


def main() -> None:
    """Print a table, or JSON with `--json`."""
    words = argparse.ArgumentParser(prog="python -m tests.accuracy")
    words.add_argument("folder", type=Path)
    words.add_argument(
        "--airflow", help="a Python that has Airflow: loads the folder for the truth"
    )
    words.add_argument("--truth", type=Path, help="a truth written before")
    words.add_argument("--write-truth", type=Path, help="keep the truth that --airflow gave")
    words.add_argument("--variables", type=Path, help="exported Variables, JSON")
    words.add_argument("--env-file", type=Path, help="the environment, lines NAME=value")
    words.add_argument("--json", action="store_true")
    words.add_argument("--differences", action="store_true", help="show what was missed or wrong")
    given = words.parse_args()
    folder = given.folder.resolve()
    truth = _truth(given, folder)
    variables = variables_of(given.variables)[0] if given.variables else None
    environment = environment_of(given.env_file)[0] if given.env_file else None
    begin = time.perf_counter()
    snapshot = record_folder(folder, variables=variables, environment=environment)
    took_s = time.perf_counter() - begin
    cpu_s = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    found = [] if truth is None else scores(snapshot, truth)
    if given.json:
        rows = [
            {"what": one.name, "recall": one.recall, "precision": one.precision, "true": one.true}
            for one in found
        ]
        print(json.dumps({"files": len(snapshot.files), "took_s": took_s, "scores": rows}))
        return
    print(f"{len(snapshot.files):,} files, {len(snapshot.dags):,} DAGs in {took_s:.1f} s", end="")
    print(f" ({cpu_s:.1f} s CPU of all children)")
    for one in found:
        print(
            f"  {one.name:<15} recall {one.recall:6.2f} %   precision {one.precision:6.2f} %"
            f"   {one.right:,} of {one.true:,}, found {one.found:,}"
        )
        if given.differences:
            _print_differences(one)


def _print_differences(score: Score) -> None:
    for word, names in (("missed", score.missed), ("wrong", score.wrong)):
        for name in names[:_SHOWN]:
            print(f"      {word} {name}")
        if len(names) > _SHOWN:
            print(f"      … and {len(names) - _SHOWN:,} more {word}")


def _truth(given: argparse.Namespace, folder: Path) -> dict[str, Any] | None:
    if given.airflow:
        script = Path(__file__).with_name("dagbag_truth.py")
        answer = subprocess.run(
            [given.airflow, str(script), str(folder)],
            stdout=subprocess.PIPE,
            check=True,
            stderr=subprocess.DEVNULL,
        )
        if given.write_truth:
            given.write_truth.write_text(compact(read(answer.stdout.decode())))
        return read(answer.stdout.decode())
    return read(given.truth.read_text()) if given.truth else None


if __name__ == "__main__":
    sys.exit(main())
