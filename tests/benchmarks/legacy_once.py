"""Import one folder of DAG files and read its lineage, and print what it took, for
`measures.legacy_cost`; what the child processes used is in it.
"""

import json
import resource
import sys
from pathlib import Path


def take(folder: str) -> None:
    """Print CPU seconds, the largest process's peak memory, and how many DAGs were recorded."""
    from adapters.airflow.legacy.take import record_folder  # noqa: PLC0415 - part of what it takes
    from adapters.airflow.lineage.reading import read_snapshot  # noqa: PLC0415

    snapshot = record_folder(Path(folder))
    lineage = read_snapshot(snapshot)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    taken = {
        "cpu_s": sum(each.ru_utime + each.ru_stime for each in used),
        "peak_rss_kb": max(each.ru_maxrss for each in used),
    }
    print(json.dumps({**taken, "dags": len(snapshot.dags), "tasks": len(lineage)}))


if __name__ == "__main__":
    take(sys.argv[1])
