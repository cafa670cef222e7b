"""Our side of the comparisons with Dagster: one measure in this process, as one line of JSON."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import bridge
from bridge.events import AssetEvent
from tests.benchmarks import days, hours
from tests.benchmarks.layered import folder_bytes, inputs_read, layered_assets, peak_rss_kb
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


def record(count: int) -> dict[str, Any]:
    """Record materializations from outside, one by one, each durable before the next."""
    with _store() as (store, _):
        store.record(_made(["warm"]))
        events = _made([f"asset_{number % 100}" for number in range(count)])
        begin = time.process_time()
        for event in events:
            store.record([event])
        end = time.process_time()
        assert len(store.events(limit=count + 9)) == count + 1
        return {"cpu_s": end - begin}


def bulk(count: int) -> dict[str, Any]:
    """Record materializations of as many partitions in one call."""
    with _store() as (store, folder):
        store.record(_made(["warm"]))
        events = _made_partitions(count)
        begin, begin_wall = time.process_time(), time.perf_counter()
        new = store.record(events)
        cpu, wall = time.process_time() - begin, time.perf_counter() - begin_wall
        assert new == len(events)
        report = {"cpu_s": cpu, "wall_s": wall, "disk_bytes": folder_bytes(folder)}
        return report | {"events": len(events)}


def latest(count: int) -> dict[str, Any]:
    """The latest materialization of every asset."""
    with _store() as (store, _):
        store.record(_made(inputs_read(count), inputs_read(count)))
        keys = [bridge.AssetKey(f"asset_{number}") for number in range(count)]
        begin = time.process_time()
        found = store.asset_states(keys)
        end = time.process_time()
        assert sum(state.materialized_at is not None for state in found.values()) == count
        return {"cpu_s": end - begin}


def missing(count: int, *, is_summarised: bool = True) -> dict[str, Any]:
    """What is missing of an hourly asset that another process wrote; opening is not counted.

    Summarised, as runs and the daemon leave it; or, as facts recorded by anybody else are, not.
    """
    from bridge.materialized import materialized_subset  # noqa: PLC0415
    from bridge.store import open_store  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        url = f"sqlite:///{folder}/bridge.db"
        words = [sys.executable, "-m", __spec__.name, "seed-hours", str(count), "--store", url]
        subprocess.run([*words, *(["--summarise"] if is_summarised else [])], check=True)
        store, key, hourly = (
            open_store(url),
            bridge.AssetKey("hourly"),
            bridge.HourlyPartitionsDefinition,
        )
        now = hours.end(count)
        begin = time.process_time()
        definition = hourly(hours.FIRST)
        absent = materialized_subset(store, key, definition, now).missing(now).keys(now)
        end = time.process_time()
        assert len(absent) == hours.missing(count)
        store.close()
        return {"cpu_s": end - begin}


def seed_hours(count: int, url: str, *, is_summarised: bool) -> None:
    """What `missing` reads."""
    from bridge.materialized import keep_summaries  # noqa: PLC0415
    from bridge.store import open_store  # noqa: PLC0415

    store = open_store(url)
    store.record(_made_partitions(count))
    if is_summarised:
        definitions = {bridge.AssetKey("hourly"): bridge.HourlyPartitionsDefinition(hours.FIRST)}
        keep_summaries(store, definitions, hours.end(count))
    store.close()


def staleness(count: int) -> dict[str, Any]:
    """Status, direct and inherited causes of every asset, its records read at once."""
    from bridge.staleness import DataFacts, staleness  # noqa: PLC0415

    graph_ = bridge.Definitions(assets=layered_assets(bridge.asset, count)).graph()
    with _store() as (store, _):
        store.record(_made(inputs_read(count), inputs_read(count)))
        begin = time.process_time()
        facts = DataFacts(assets=store.data_states(graph_.nodes))
        found = staleness(graph_, facts, hours.end(count))
        end = time.process_time()
        assert sum(map(bool, (each.causes for each in found.values()))) == 2
        assert sum(map(bool, (each.inherited_from for each in found.values()))) > count // 2
        return {"cpu_s": end - begin}


def keys(count: int, timezone: str = "UTC") -> dict[str, Any]:
    """All keys of an hourly definition."""
    hourly = bridge.HourlyPartitionsDefinition  # loads it
    begin = time.process_time()
    definition = hourly(hours.FIRST, timezone=timezone)
    found = definition.keys(hours.end(count))
    end = time.process_time()
    assert abs(len(found) - count) <= 6, len(found)
    return {"cpu_s": end - begin}


def plan(count: int) -> dict[str, Any]:
    """The target of a backfill of five daily assets, and the runs of its first wave."""
    from bridge.backfills import Cut, Progress, next_wave, whole_target  # noqa: PLC0415

    graph_, now = _daily(), days.end(count)
    begin = time.process_time()
    cut = Cut(graph_, now)
    target = whole_target(cut, graph_.nodes)
    found = next_wave(cut, target, Progress())
    end = time.process_time()
    assert len(found.runs) == count
    assert all(len(run.assets) == len(days.CHAIN) for run in found.runs)
    return {"cpu_s": end - begin}


def persist(count: int) -> dict[str, Any]:
    """Put runs of five assets, a partition each, into the queue."""
    from bridge.runs import Run, RunTarget, derived_run_id  # noqa: PLC0415

    names = tuple(bridge.AssetKey(name) for name, _ in days.CHAIN)
    now = days.end(count)
    partitions = bridge.DailyPartitionsDefinition(days.FIRST).keys(now)
    with _store() as (store, _):
        begin, begin_wall = time.process_time(), time.perf_counter()
        runs = [
            Run(
                id=derived_run_id("backfill:bench", partition),
                status="queued",
                created_at=now,
                target=RunTarget(assets=names, partition=partition),
                origin="backfill:bench",
            )
            for partition in partitions
        ]
        new = store.enqueue(runs)
        cpu, wall = time.process_time() - begin, time.perf_counter() - begin_wall
        assert new == count
        return {"cpu_s": cpu, "wall_s": wall}


def _daily() -> Any:
    definition = bridge.DailyPartitionsDefinition(days.FIRST)
    return bridge.Definitions(
        assets=[
            bridge.asset(name=name, deps=deps, partitions_def=definition)(days.nothing())
            for name, deps in days.CHAIN
        ]
    ).graph()


def _made(
    names: Iterable[str], inputs: Mapping[str, Mapping[str, str]] | None = None
) -> list[AssetEvent]:
    return [
        AssetEvent(
            kind="materialization",
            key=bridge.AssetKey(name),
            happened_at=hours.end(number),
            source=f"bench:{number}",
            data_version="v1",
            input_versions=None if inputs is None else inputs[name],
        )
        for number, name in enumerate(names)
    ]


def workers(count: int) -> dict[str, Any]:
    """Materialize the assets in worker processes, two at a time, on a durable store."""
    defined = layered_assets(bridge.asset, count)
    materialize, executor = bridge.materialize, bridge.multiprocess_executor(max_concurrent=2)
    with _store() as (store, _):
        begin, begin_wall = time.process_time(), time.perf_counter()
        result = materialize(defined, store=store, executor=executor)
        cpu, wall = time.process_time() - begin, time.perf_counter() - begin_wall
        assert len(result.materialized()) == count
        return {"cpu_s": cpu, "wall_s": wall}


def _made_partitions(count: int) -> list[AssetEvent]:
    known = bridge.HourlyPartitionsDefinition(hours.FIRST).keys(hours.end(count))
    return [
        AssetEvent(
            kind="materialization",
            key=bridge.AssetKey("hourly"),
            partition=partition,
            happened_at=hours.end(count),
            source="bench:1",
        )
        for partition in hours.materialized(known)
    ]


@contextmanager
def _store() -> Iterator[tuple[Any, Path]]:
    from bridge.store import open_store  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        store = open_store(f"sqlite:///{folder}/bridge.db")
        yield store, Path(folder)
        store.close()


MEASURES: dict[str, Callable[[int], dict[str, Any]]] = {
    "graph": graph,
    "record": record,
    "bulk": bulk,
    "latest": latest,
    "missing": missing,
    "missing-unsummarised": partial(missing, is_summarised=False),
    "staleness": staleness,
    "keys-utc": keys,
    "keys-new-york": partial(keys, timezone="America/New_York"),
    "plan": plan,
    "persist": persist,
    "workers": workers,
    "workers-preloaded": workers,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("measure", choices=["materialization", "seed-hours", *MEASURES])
    parser.add_argument("count", type=int)
    parser.add_argument("--watch", action="store_true")
    parser.add_argument("--store")
    parser.add_argument("--summarise", action="store_true")
    words = parser.parse_args()
    if words.measure == "seed-hours":
        seed_hours(words.count, words.store, is_summarised=words.summarise)
        return
    if words.measure == "materialization":
        report = materialization(words.count, is_watched=words.watch)
    else:
        report = MEASURES[words.measure](words.count)
    print(json.dumps(report | {"count": words.count, "peak_rss_kb": peak_rss_kb()}))


if __name__ == "__main__":
    main()
