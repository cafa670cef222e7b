"""Load one folder of DAG files in a DagBag and print what it took, for `measures.legacy_cost`.

Loading Airflow and its providers is in it: the import of legacy DAGs needs neither.
"""

import json
import resource
import sys


def load(folder: str) -> None:
    """Print CPU seconds, peak memory, and how many DAGs loaded."""
    try:
        from airflow.dag_processing.dagbag import DagBag  # noqa: PLC0415 - part of what it takes
    except ImportError:
        from airflow.models.dagbag import DagBag  # noqa: PLC0415 - Airflow 2
    bag = DagBag(folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    taken = {"cpu_s": used.ru_utime + used.ru_stime, "peak_rss_kb": used.ru_maxrss}
    print(json.dumps({**taken, "dags": len(bag.dags), "failed": len(bag.import_errors)}))


if __name__ == "__main__":
    load(sys.argv[1])
