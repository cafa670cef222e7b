"""`python -m tests.benchmarks`: all budgets as one JSON document, and a table on standard error.

Ends with 1 where a budget is missed or a side fails; what no environment was given for is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial

from tests.benchmarks import measures
from tests.benchmarks.budgets import Measured, table
from tests.benchmarks.comparisons import COMPARISONS, compare
from tests.benchmarks.measuring import MeasureFailed


def main() -> int:
    words = _arguments()
    found: list[Measured] = []
    failed: dict[str, str] = {}
    for name, measure in _measures(words):
        if not words.only or name in words.only:
            print(f"measuring {name} …", file=sys.stderr, flush=True)
            try:
                found.extend(measure())
            except MeasureFailed as error:
                failed[name] = str(error)
                print(f"error: {error}", file=sys.stderr)
    document = {
        "machine": measures.machine(sys.executable, words.peers),
        "rounds": words.rounds,
        "failed": failed,
        "budgets": [each.as_json() for each in found],
    }
    print(json.dumps(document, indent=2))
    print(table(found), file=sys.stderr)
    return 1 if failed or any(each.ok is False for each in found) else 0


def _measures(words: argparse.Namespace) -> Iterator[tuple[str, Callable[[], list[Measured]]]]:
    """Every measure by its name, several of one name after each other."""
    python, peers, rounds = sys.executable, words.peers, words.rounds
    yield "import", lambda: [measures.import_cost(python, rounds)]
    yield (
        "materialization",
        lambda: [measures.materialization_cost(python, peers, rounds, words.peer_assets)],
    )
    for each in COMPARISONS:
        yield each.measure, partial(compare, each, python, peers, rounds)
    yield "parse2", lambda: measures.parse_cost(2, words.airflow2)
    yield "parse3", lambda: measures.parse_cost(3, words.airflow3)
    yield (
        "legacy",
        lambda: [measures.legacy_cost(words.legacy_airflow, words.legacy, min(rounds, 3))],
    )
    yield "task2", lambda: [measures.task_cost(2, words.airflow2, rounds)]
    yield "task3", lambda: [measures.task_cost(3, words.airflow3, rounds)]


_NAMES = ("import", "materialization", *dict.fromkeys(each.measure for each in COMPARISONS))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    for name, holds in (
        ("peers", "dagster"),
        ("airflow2", "Airflow 2.11"),
        ("airflow3", "Airflow 3.3"),
    ):
        parser.add_argument(
            f"--{name}",
            metavar="PYTHON",
            default=os.environ.get(f"BRIDGE_BENCH_{name.upper()}_PYTHON"),
            help=f"Python of an environment with {holds}; without it, what needs it is left out",
        )
    parser.add_argument("--legacy", metavar="FOLDER", help="DAG files to import")
    parser.add_argument(
        "--legacy-airflow", metavar="PYTHON", help="Python that has all that these files import"
    )
    parser.add_argument("--rounds", type=int, default=5, help="runs of each side (default: 5)")
    parser.add_argument(
        "--peer-assets",
        type=int,
        default=measures.FEWER_ASSETS,
        help="how many assets Dagster materializes (default: %(default)s; 1000 take it a minute)",
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=[*_NAMES, "parse2", "parse3", "legacy", "task2", "task3"],
        help="measure this only; may be given several times",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
