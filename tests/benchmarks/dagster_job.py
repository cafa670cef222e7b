"""A job that Dagster's worker processes can import by name: so many assets that do nothing."""

from __future__ import annotations

import os

from dagster import Definitions, JobDefinition, asset, define_asset_job, multiprocess_executor

from tests.benchmarks.layered import layered_assets

COUNT = "BENCH_ASSETS"  # the variable that says how many


def assets_job() -> JobDefinition:
    """All of them, each in a process of its own."""
    defined = layered_assets(asset, int(os.environ[COUNT]))
    job = define_asset_job("all", "*", executor_def=multiprocess_executor)
    return Definitions(assets=defined, jobs=[job]).resolve_job_def("all")
