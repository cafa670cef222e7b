"""Our side of the comparisons with Dagster: one measure in this process, as one line of JSON."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import bridge
from tests.benchmarks.layered import folder_bytes, layered_assets, peak_rss_kb
from tests.benchmarks.sqlite_watch import SqliteWatch


def graph(count: int) -> dict[str, Any]:
    """Define the assets, build their graph and validate it: upstreams, duplicates, cycles."""
    asset, definitions = bridge.asset, bridge.Definitions  # loads them
    begin = time.process_time()
    defined = layered_assets(asset, count)
    decorated = time.process_time()
    built = definitions(assets=defined).graph()
    end = time.process_time()
    assert len(built.order) == count
    return {"cpu_s": end - begin, "decorate_cpu_s": decorated - begin}


def materialization(count: int, *, is_watched: bool) -> dict[str, Any]:
    """Materialize the assets in this process on a durable SQLite store that is open already."""
    # Not above: defining a graph loads no SQLAlchemy, whose objects would cost the collector.
    from bridge.store import open_store  # noqa: PLC0415

    watch = SqliteWatch() if is_watched else None
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'bridge.db'}"
        open_store(url).close()
        empty = folder_bytes(folder)
        store = open_store(url)
        defined, materialize = layered_assets(bridge.asset, count), bridge.materialize
        begin, begin_wall = time.process_time(), time.perf_counter()
        result = materialize(defined, store=store)
        cpu, wall = time.process_time() - begin, time.perf_counter() - begin_wall
        assert len(result.materialized()) == count
        assert len(store.events(kinds=["materialization"], limit=count + 1)) == count
        store.close()
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
