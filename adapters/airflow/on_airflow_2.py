"""The names of `runtime`, for DAG files that were generated for Airflow 2 alone."""

from __future__ import annotations

from typing import Any

from adapters.airflow import runtime
from adapters.airflow.targets import require_target

require_target("2")


def __getattr__(name: str) -> Any:
    return getattr(runtime, name)
