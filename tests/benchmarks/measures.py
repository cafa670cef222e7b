"""The measures: one function for each budget, from the interpreters of both sides to a verdict."""

from __future__ import annotations

import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.budgets import Measured
from tests.benchmarks.measuring import Command, Samples, by_turns, run_once, syncs
from tests.benchmarks.parse_files import REFERENCES

ASSETS = 1000
FEWER_ASSETS = 100
_MOST_BYTES = 1024
_MOST_MS_OF_A_TASK = 100
_NO_PEERS = "give --peers the Python of an environment with dagster (`make bench` does)"

# In one line of `-c`: a module run by `-m` would have loaded half of what is measured.
_IMPORT = """
import sys, time
before = set(sys.modules)
begin = time.process_time()
import {what}
cpu_ms = (time.process_time() - begin) * 1000
found = {{name.partition(".")[0] for name in set(sys.modules) - before}}
import json
from tests.benchmarks.layered import peak_rss_kb
report = dict(cpu_ms=cpu_ms, third_party=sorted(found - sys.stdlib_module_names - {{"bridge"}}))
print(json.dumps(report | dict(peak_rss_kb=peak_rss_kb())))
"""


def import_cost(python: str, rounds: int) -> Measured:
    """What `import bridge` costs, and that it loads nothing of anybody else."""
    sides = {
        "ours": [python, "-c", _IMPORT.format(what="bridge")],
        "reference": [python, "-c", _IMPORT.format(what="argparse, json")],
    }
    # Two milliseconds are soon disturbed, and soon measured again.
    samples = by_turns(sides, rounds * 5)
    third_party = samples["ours"].rows[0]["third_party"]
    problems = (f"it loads {', '.join(third_party)}",) if third_party else ()
    return _measured(
        samples["ours"],
        samples["reference"],
        budget="import bridge, against argparse and json",
        unit="ms CPU",
        number="cpu_ms",
        target=2,
        problems=problems,
        details={"third_party_modules": third_party},
    )


def materialization_cost(python: str, peers: str | None, rounds: int, peer_assets: int) -> Measured:
    """Materialize trivial assets on a durable SQLite store, per asset.

    Dagster may run fewer, which is in its favour: the more there are, the more each costs it.
    """
    budget = f"materialize {ASSETS} assets durably, each, against Dagster with {peer_assets}"
    if peers is None:
        return _unmeasured(budget, "ms CPU", 1 / 50, _NO_PEERS)
    sides = {
        "ours": _bridge(python, "materialization", ASSETS),
        "ours_fewer": _bridge(python, "materialization", FEWER_ASSETS),
        "reference": _dagster(peers, "materialization", peer_assets),
    }
    samples = {name: _per_asset(found) for name, found in by_turns(sides, rounds).items()}
    watched = {name: _watched(command) for name, command in sides.items()}
    problems = [
        f"{name}: not every database is in WAL mode with synchronous=FULL"
        for name, found in watched.items()
        if not found["is_durable"]
    ]
    if watched["ours"]["commits_per_asset"] < 1:
        problems.append("ours: fewer commits than assets, so not each is committed before the next")
    disk = samples["ours"].median("disk_bytes_beyond_empty")
    if disk > _MOST_BYTES:
        problems.append(f"ours: {disk:.0f} bytes an asset on disk, {_MOST_BYTES} at most")
    return _measured(
        samples["ours"],
        samples["reference"],
        budget=budget,
        unit="ms CPU",
        number="cpu_ms",
        target=1 / 50,
        problems=tuple(problems),
        details={name: _spent(found) | watched[name] for name, found in samples.items()},
    )


def parse_cost(major: int, airflow: str | None) -> list[Measured]:
    """Generated DAGs beside the same by hand, on one Airflow: many of them, and a large one.

    The loader beside a loop in one file; rendered files beside as many that spell it all out.
    """
    found = []
    for dags, tasks in ((100, 10), (1, 1000)):
        what = f"{dags} DAGs of {tasks} tasks" if dags > 1 else f"a DAG of {tasks:,} tasks"
        budgets = {
            "loader": f"parse {what} by the loader on Airflow {major}, against a loop by hand",
            "rendered": f"parse {what} rendered on Airflow {major}, against files by hand",
        }
        if airflow is None:
            option = f"give --airflow{major} the Python of its environment (`make bench` does)"
            found += [_unmeasured(each, "ms CPU", 1.2, option) for each in budgets.values()]
            continue
        report = run_once([airflow, "-m", "tests.benchmarks.bench_parse", str(dags), str(tasks)])
        found += [
            Measured(
                budget=budget,
                unit="ms CPU",
                target=1.2,
                ours=report["cpu_ms"][form],
                reference=report["cpu_ms"][REFERENCES[form]],
                ours_peak_rss_kb=report["peak_rss_kb"][form],
                reference_peak_rss_kb=report["peak_rss_kb"][REFERENCES[form]],
                details=report,
            )
            for form, budget in budgets.items()
        ]
    return found


def legacy_cost(airflow: str | None, folder: str | None, rounds: int) -> Measured:
    """Importing a folder of legacy DAGs with their lineage, beside a DagBag that has its providers.

    `python -m tests.accuracy.provider_examples FOLDER` makes such a folder.
    """
    budget = "import legacy DAGs with lineage, against a DagBag with their providers"
    if airflow is None or folder is None:
        option = "give --legacy a folder, and --legacy-airflow a Python with what it imports"
        return _unmeasured(budget, "s CPU", 1 / 6, option)
    sides = {
        "ours": [sys.executable, "-m", "tests.benchmarks.legacy_once", folder],
        "dagbag": [airflow, str(Path(__file__).with_name("dagbag_once.py")), folder],
    }
    found = by_turns(sides, rounds)
    ours, dagbag = found["ours"], found["dagbag"]
    if dagbag.median("dags") < ours.median("dags") / 2:
        why = (
            f"the DagBag found {dagbag.median('dags'):.0f} DAGs of {ours.median('dags'):.0f}: give "
            "PYTHONPATH, and a Python in which all is installed that the files import"
        )
        return _unmeasured(budget, "s CPU", 1 / 6, why)
    return Measured(
        budget=budget,
        unit="s CPU",
        target=1 / 6,
        ours=ours.median("cpu_s"),
        reference=dagbag.median("cpu_s"),
        ours_peak_rss_kb=int(max(ours.all("peak_rss_kb"))),
        reference_peak_rss_kb=int(max(dagbag.all("peak_rss_kb"))),
        details={name: samples.rows for name, samples in found.items()},
    )


def task_cost(major: int, airflow: str | None, rounds: int) -> Measured:
    """What a generated task adds to a trivial one, our own imports included, on one Airflow.

    Importing the user's definitions is not in it and shown apart, as is a project of 1,000 assets.
    """
    budget = f"run a trivial asset as a task of Airflow {major}, beyond one by hand"
    if airflow is None:
        option = f"give --airflow{major} the Python of its environment (`make bench` does)"
        return _unmeasured(budget, "ms CPU", None, option)
    with tempfile.TemporaryDirectory(prefix="bench-task-") as folder:
        places = {count: Path(folder, str(count)) for count in (1, ASSETS)}
        for place in places.values():
            place.mkdir()
        once = [airflow, "-m", "tests.benchmarks.task_once"]
        sides = {
            f"{form} {count}": [*once, form, str(place), str(count)]
            for count, place in places.items()
            for form in ("by_hand", "ours", "own_code")
        }
        samples = by_turns(sides, rounds)
    cpu_ms = {name: found.median("cpu_ms") for name, found in samples.items()}
    added = {
        count: cpu_ms[f"ours {count}"] - cpu_ms[f"by_hand {count}"] - cpu_ms[f"own_code {count}"]
        for count in places
    }
    return Measured(
        budget=budget,
        unit="ms CPU",
        target=None,
        at_most=_MOST_MS_OF_A_TASK,
        ours=added[1],
        ours_peak_rss_kb=int(samples["ours 1"].median("peak_rss_kb")),
        reference_peak_rss_kb=int(samples["by_hand 1"].median("peak_rss_kb")),
        growth=added,
        details={"cpu_ms": cpu_ms, "third_party_modules": samples["ours 1"].rows[0]["third_party"]},
    )


def machine(python: str, peers: str | None) -> dict[str, Any]:
    """What the numbers were measured on: a ratio of two Python versions is no fair one."""
    asked = (
        "import json, platform, sqlite3; "
        "print(json.dumps({'python': platform.python_version(), 'sqlite': sqlite3.sqlite_version}))"
    )
    sides = {"ours": python} | ({"reference": peers} if peers else {})
    versions = {name: run_once([each, "-c", asked]) for name, each in sides.items()}
    return {"platform": platform.platform(), "versions": versions}


def _bridge(python: str, measure: str, count: int) -> Command:
    return [python, "-m", "tests.benchmarks.side_bridge", measure, str(count)]


def _dagster(python: str, measure: str, count: int) -> Command:
    return [python, "-m", "tests.benchmarks.side_dagster", measure, str(count)]


def _per_asset(samples: Samples) -> Samples:
    return Samples(
        tuple(
            {
                "assets": row["count"],
                "cpu_ms": row["cpu_s"] * 1000 / row["count"],
                "wall_ms": row["wall_s"] * 1000 / row["count"],
                "disk_bytes": row["disk_bytes"] / row["count"],
                "disk_bytes_beyond_empty": (row["disk_bytes"] - row["empty_disk_bytes"])
                / row["count"],
                "peak_rss_kb": row["peak_rss_kb"],
            }
            for row in samples.rows
        )
    )


def _spent(samples: Samples) -> dict[str, float]:
    return {name: samples.median(name) for name in samples.rows[0]}


def _watched(command: Command) -> dict[str, Any]:
    """What a run asks of SQLite and of the disk, in runs of their own: watching slows."""
    found = run_once([*command, "--watch"])
    waits, count = syncs(command), found["count"]
    return {
        "is_durable": found["is_durable"],
        "connections_per_asset": found["connections"] / count,
        "commits_per_asset": found["commits"] / count,
        "statements_per_asset": found["statements"] / count,
        "syncs_per_asset": None if waits is None else waits / count,
    }


def _unmeasured(budget: str, unit: str, target: float | None, why: str) -> Measured:
    return Measured(budget=budget, unit=unit, target=target, problems=(why,))


def _measured(ours: Samples, reference: Samples, *, number: str, **told: Any) -> Measured:
    details = {"ours_samples": ours.all(number), "reference_samples": reference.all(number)}
    return Measured(
        ours=ours.median(number),
        reference=reference.median(number),
        ours_peak_rss_kb=int(ours.median("peak_rss_kb")),
        reference_peak_rss_kb=int(reference.median("peak_rss_kb")),
        **{**told, "details": told["details"] | details},
    )
