"""Dagster's side of the comparisons, in its own environment: one measure, as one line of JSON."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from dagster import (
    AssetKey,
    AssetMaterialization,
    DagsterEventType,
    DagsterInstance,
    DagsterRunStatus,
    DailyPartitionsDefinition,
    Definitions,
    HourlyPartitionsDefinition,
    asset,
    define_asset_job,
    execute_job,
    materialize,
    reconstructable,
)
from dagster._core.definitions.automation_tick_evaluation_context import (
    build_run_requests_with_backfill_policies,
)
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.definitions.partitions.context import partition_loading_context
from dagster._core.execution.asset_backfill import AssetBackfillData
from dagster._core.loader import LoadingContextForTest
from dagster._core.storage.event_log.base import AssetRecord
from dagster._core.storage.partition_status_cache import get_and_update_asset_status_cache_value

from tests.benchmarks import dagster_job, days, hours
from tests.benchmarks.layered import folder_bytes, inputs_read, layered_assets, peak_rss_kb
from tests.benchmarks.seed_dagster import QUIET, report_assets, report_partitions
from tests.benchmarks.sqlite_watch import SqliteWatch


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


def record(count: int) -> dict[str, Any]:
    """Report materializations from outside, one by one; there is no call for several."""
    with _instance() as instance:
        instance.report_runless_asset_event(AssetMaterialization("warm"))
        begin = time.process_time()
        for number in range(count):
            instance.report_runless_asset_event(AssetMaterialization(f"asset_{number % 100}"))
        return {"cpu_s": time.process_time() - begin}


def latest(count: int) -> dict[str, Any]:
    """The latest materialization of every asset."""
    with _instance() as instance:
        report_assets(instance, inputs_read(count))
        keys = [AssetKey(f"asset_{number}") for number in range(count)]
        begin = time.process_time()
        found = instance.get_latest_materialization_events(keys)
        end = time.process_time()
        assert sum(event is not None for event in found.values()) == count
        return {"cpu_s": end - begin}


def missing(count: int) -> dict[str, Any]:
    """What is missing of an hourly asset; nothing was asked before, so no status is cached."""
    definition = HourlyPartitionsDefinition(hours.FIRST, end_offset=0)
    now = hours.end(count)
    with _instance() as instance, partition_loading_context(effective_dt=now):
        report_partitions(instance, "hourly", hours.materialized(definition.get_partition_keys()))
        begin = time.process_time()
        key = AssetKey("hourly")
        status = get_and_update_asset_status_cache_value(instance, key, definition)
        there = status.deserialize_materialized_partition_subsets(definition)
        absent = there.get_partition_keys_not_in_subset(definition)
        end = time.process_time()
        assert len(list(absent)) == hours.missing(count)
        return {"cpu_s": end - begin}


def staleness(count: int) -> dict[str, Any]:
    """Status and direct causes of every asset, its records read at once, as the web page does."""
    defined = layered_assets(asset, count)
    graph_ = Definitions(assets=defined).get_repository_def().asset_graph
    with _instance() as instance:
        report_assets(instance, inputs_read(count))
        keys = list(graph_.toposorted_asset_keys)
        begin = time.process_time()
        context = LoadingContextForTest(instance)
        AssetRecord.prepare(context, keys)
        resolver = CachingStaleStatusResolver(instance, graph_, context)
        found = {key: resolver.get_status(key) for key in keys}
        causes = [resolver.get_stale_causes(key) for key in keys]
        end = time.process_time()
        stale = sum(status is StaleStatus.STALE for status in found.values())
        assert stale == sum(map(bool, causes)) == 2, stale
        return {"cpu_s": end - begin}


def keys(count: int, timezone: str = "UTC") -> dict[str, Any]:
    """All keys of an hourly definition."""
    begin = time.process_time()
    definition = HourlyPartitionsDefinition(hours.FIRST, timezone=timezone)
    found = definition.get_partition_keys(hours.end(count))
    end = time.process_time()
    assert abs(len(found) - count) <= 6, len(found)
    return {"cpu_s": end - begin}


def plan(count: int) -> dict[str, Any]:
    """The target of a backfill of five daily assets, and a run request for each partition.

    In its favour: whether parents let a partition run is not asked here.
    """
    graph_, now = _daily().get_repository_def().asset_graph, days.end(count)
    partitions = DailyPartitionsDefinition(days.FIRST).get_partition_keys(now)
    with _instance() as instance, partition_loading_context(effective_dt=now):
        begin = time.process_time()
        backfill = AssetBackfillData.from_asset_partitions(
            graph_,
            partitions,
            [AssetKey(name) for name, _ in days.CHAIN],
            dynamic_partitions_store=instance,
            backfill_start_timestamp=now.timestamp(),
            all_partitions=False,
        )
        wanted = list(backfill.target_subset.iterate_asset_partitions())
        requests = build_run_requests_with_backfill_policies(wanted, graph_, instance)
        end = time.process_time()
    assert len(requests) == count
    return {"cpu_s": end - begin}


def persist(count: int) -> dict[str, Any]:
    """Keep runs of five assets, a partition each, that nobody has begun."""
    job = _daily().resolve_job_def("all")
    partitions = DailyPartitionsDefinition(days.FIRST).get_partition_keys(days.end(count))
    with _instance() as instance:
        begin, begin_wall = time.process_time(), time.perf_counter()
        for partition in partitions:
            instance.create_run_for_job(
                job, status=DagsterRunStatus.NOT_STARTED, tags={"dagster/partition": partition}
            )
        cpu, wall = time.process_time() - begin, time.perf_counter() - begin_wall
        assert len(instance.get_runs()) == count
        return {"cpu_s": cpu, "wall_s": wall}


def workers(count: int, *, is_preloaded: bool) -> dict[str, Any]:
    """Materialize the assets in worker processes, two at a time."""
    os.environ[dagster_job.COUNT] = str(count)
    config: dict[str, Any] = {"max_concurrent": 2}
    if is_preloaded:
        modules = ["dagster", dagster_job.__name__]
        config["start_method"] = {"forkserver": {"preload_modules": modules}}
    run_config = {"execution": {"config": config}, **QUIET}
    with _instance() as instance:
        job = reconstructable(dagster_job.assets_job)
        begin, begin_wall = time.process_time(), time.perf_counter()
        result = execute_job(job, instance, run_config=run_config)
        cpu, wall = time.process_time() - begin, time.perf_counter() - begin_wall
        assert result.success
        return {"cpu_s": cpu, "wall_s": wall}


def _daily() -> Definitions:
    definition = DailyPartitionsDefinition(days.FIRST)
    defined = [
        asset(name=name, deps=deps, partitions_def=definition)(days.nothing())
        for name, deps in days.CHAIN
    ]
    return Definitions(assets=defined, jobs=[define_asset_job("all", "*")])


@contextmanager
def _instance() -> Iterator[DagsterInstance]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as name,
        DagsterInstance.local_temp(name, {"telemetry": {"enabled": False}}) as instance,
    ):
        yield instance


MEASURES: dict[str, Callable[[int], dict[str, Any]]] = {
    "graph": graph,
    "record": record,
    "latest": latest,
    "missing": missing,
    "staleness": staleness,
    "keys-utc": keys,
    "keys-new-york": partial(keys, timezone="America/New_York"),
    "plan": plan,
    "persist": persist,
    "workers": partial(workers, is_preloaded=False),
    "workers-preloaded": partial(workers, is_preloaded=True),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("measure", choices=["materialization", *MEASURES])
    parser.add_argument("count", type=int)
    parser.add_argument("--watch", action="store_true")
    words = parser.parse_args()
    if words.measure == "materialization":
        report = materialization(words.count, is_watched=words.watch)
    else:
        report = MEASURES[words.measure](words.count)
    print(json.dumps(report | {"count": words.count, "peak_rss_kb": peak_rss_kb()}))


if __name__ == "__main__":
    main()
