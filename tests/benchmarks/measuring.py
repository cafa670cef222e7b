"""Running both sides in fresh processes, by turns, and counting what a side asks of the disk."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).parents[2]
# Left set, the first would compile every module anew, the second would hide ROOT from `-m`.
_UNSET = ("PYTHONDONTWRITEBYTECODE", "PYTHONSAFEPATH", "DAGSTER_HOME")
_SYNCS = frozenset({"fsync", "fdatasync"})

Command: TypeAlias = Sequence[str]


class MeasureFailed(Exception):
    """A side did not end well; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Samples:
    """One dictionary of numbers for each run of one side, in order."""

    rows: tuple[Mapping[str, Any], ...]

    def all(self, name: str) -> list[float]:
        """One number of every run."""
        return [row[name] for row in self.rows]

    def median(self, name: str) -> float:
        """The middle one of a number over the runs."""
        return statistics.median(self.all(name))

    def median_of(self, number: Callable[[Mapping[str, Any]], float]) -> float:
        """The middle one of what is worked out of each run."""
        return statistics.median(map(number, self.rows))


def run_once(command: Command) -> dict[str, Any]:
    """The JSON object that a fresh process prints last, on one line or on several."""
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise MeasureFailed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    start = max(done.stdout.rfind("\n{"), 0)  # inside an object, lines are indented
    result: dict[str, Any] = json.loads(done.stdout[start:])
    return result


def by_turns(sides: Mapping[str, Command], rounds: int, *, warm: bool = True) -> dict[str, Samples]:
    """Each side once unmeasured, to warm caches; then all in turn, `rounds` times.

    So what else the machine does meets all sides.
    """
    for command in sides.values() if warm else ():
        run_once(command)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, command in sides.items():
            rows[name].append(run_once(command))
    return {name: Samples(tuple(found)) for name, found in rows.items()}


def syncs(command: Command) -> int | None:
    """How often the process waits for the disk; None where strace is missing or not allowed."""
    strace = shutil.which("strace")
    if strace is None:
        return None
    with tempfile.NamedTemporaryFile(mode="r", prefix="bench-strace-") as report:
        options = ["-f", "-c", "-e", f"trace={','.join(sorted(_SYNCS))}", "-o", report.name]
        try:
            run_once([strace, *options, *command])
        except MeasureFailed:
            return None
        rows = [line.split() for line in report]
    return sum(int(row[3]) for row in rows if row and row[-1] in _SYNCS)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _UNSET}
