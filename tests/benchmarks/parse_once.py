"""Read the DAG files of one folder in this process and print what it took, for `bench_parse`.

What both files import of Airflow is loaded before, as the dag processor does it before it forks;
what they import of us is not, and nothing else is imported here.
"""

import importlib
import json
import resource
import sys
import time
from importlib import metadata

_LOADED_BEFORE = {
    "2": ("airflow.models.dag", "airflow.operators.python", "airflow.models.dagbag"),
    "3": (
        "airflow.sdk.definitions.dag",
        "airflow.providers.standard.operators.python",
        "airflow.dag_processing.dagbag",
    ),
}


def parse(folder: str, tasks: int) -> None:
    """Print CPU seconds and peak memory; SystemExit where there are not that many tasks."""
    version = metadata.version("apache-airflow")
    loaded = [importlib.import_module(name) for name in _LOADED_BEFORE[version[0]]]
    begin = time.process_time()
    bag = loaded[-1].DagBag(folder)
    taken = time.process_time() - begin
    found = sum(len(dag.tasks) for dag in bag.dags.values())
    if bag.import_errors or found != tasks:
        raise SystemExit(f"{folder}: {found} tasks, errors {bag.import_errors}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"cpu_s": taken, "peak_rss_kb": peak, "airflow": version}))


if __name__ == "__main__":
    parse(sys.argv[1], int(sys.argv[2]))
