"""Which Airflow a generated file is for, asked before anything else of the file is read."""

from __future__ import annotations

from importlib import metadata

from adapters.airflow.compat import IS_AIRFLOW_3
from bridge.errors import ConfigError


def require_target(target: str, file: str = "This DAG file") -> None:
    """Raise ConfigError where this Airflow is not of the version that a file was generated for."""
    if target not in ("both", "3" if IS_AIRFLOW_3 else "2"):
        raise ConfigError(
            f"{file} was generated for Airflow {target}, and this is Airflow "
            f"{metadata.version('apache-airflow')}. `bridge generate --target both` writes one for "
            "either."
        )
