"""Dagster's side of the comparisons, in its own environment: one measure, as one line of JSON."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from dagster import DagsterEventType, DagsterInstance, Definitions, asset, materialize

from tests.benchmarks.layered import folder_bytes, layered_assets, peak_rss_kb
from tests.benchmarks.sqlite_watch import SqliteWatch

# Its console log is off, in its favour: ours prints nothing while it runs.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def graph(count: int) -> dict[str, Any]:
    """Define the assets, build the repository, order its graph, and validate; each once."""
    begin = time.process_time()
    defined = layered_assets(asset, count)
    decorated = time.process_time()
    definitions = Definitions(assets=defined)
    order = definitions.get_repository_def().asset_graph.toposorted_asset_keys
    Definitions.validate_loadable(definitions)
    end = time.process_time()
    assert len(order) == count
    return {"cpu_s": end - begin, "decorate_cpu_s": decorated - begin}


def materialization(count: int, *, is_watched: bool) -> dict[str, Any]:
    """Materialize the assets in this process on a SQLite instance that is open already."""
    watch = SqliteWatch() if is_watched else None
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with DagsterInstance.local_temp(name, {"telemetry": {"enabled": False}}) as instance:
            instance.get_run_records(limit=1)  # makes its run database
            empty = folder_bytes(folder)
            defined = layered_assets(asset, count)
            begin, begin_wall = time.process_time(), time.perf_counter()
            result = materialize(defined, instance=instance, run_config=QUIET)
            cpu, wall = time.process_time() - begin, time.perf_counter() - begin_wall
            events = result.filter_events(
                lambda event: event.event_type is DagsterEventType.ASSET_MATERIALIZATION
            )
            assert len(events) == count
        report = {"cpu_s": cpu, "wall_s": wall, "disk_bytes": folder_bytes(folder)}
        report["empty_disk_bytes"] = empty
        return report | (watch.report(folder) if watch else {})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("measure", choices=["graph", "materialization"])
    parser.add_argument("count", type=int)
    parser.add_argument("--watch", action="store_true")
    words = parser.parse_args()
    if words.measure == "graph":
        report = graph(words.count)
    else:
        report = materialization(words.count, is_watched=words.watch)
    print(json.dumps(report | {"count": words.count, "peak_rss_kb": peak_rss_kb()}))


if __name__ == "__main__":
    main()
