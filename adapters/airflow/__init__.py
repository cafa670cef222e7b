"""Airflow: generate DAGs, read legacy ones, observe both, and move tasks between them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapters.airflow.generate.loader import build_dags
    from adapters.airflow.legacy.assets import load_airflow_assets
    from adapters.airflow.resources import AirflowConnection, AirflowVariable

_HOMES = {
    "AirflowConnection": "resources",
    "AirflowVariable": "resources",
    "build_dags": "generate.loader",
    "load_airflow_assets": "legacy.assets",
}
__all__ = ["AirflowConnection", "AirflowVariable", "build_dags", "load_airflow_assets"]


def __getattr__(name: str) -> Any:
    """A public name, loaded on first use: only `build_dags` needs Airflow."""
    if name not in _HOMES:
        raise AttributeError(f"module 'adapters.airflow' has no attribute {name!r}")
    return getattr(importlib.import_module(f"adapters.airflow.{_HOMES[name]}"), name)
