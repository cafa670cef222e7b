"""Connections to the Airflows that a project names, with the secrets its settings point to."""

from __future__ import annotations

import os

from adapters.airflow.api.rest import AirflowRest
from bridge.errors import ConfigError
from bridge.project import Project


def connect(
    project: Project, instance: str, *, attempts: int = 4, timeout_s: float = 30
) -> AirflowRest:
    """A connection to one Airflow that the settings name.

    Raises ConfigError, RemoteUnreachableError.
    """
    settings = project.airflow.get(instance)
    if settings is None or settings.url is None:
        raise ConfigError(
            f"Where the Airflow {instance!r} answers is not known. Add to "
            f"{project.file or 'bridge.toml'}: [airflow.{instance}] "
            'url = "http://…" username = "…" password_env = "NAME_OF_A_VARIABLE" '
            f"(in pyproject.toml: [tool.bridge.airflow.{instance}])."
        )
    return AirflowRest.connect(
        settings.url,
        username=settings.username,
        password=_secret(settings.password_env, instance),
        token=_secret(settings.token_env, instance),
        attempts=attempts,
        timeout_s=timeout_s,
    )


def _secret(variable: str | None, instance: str) -> str | None:
    if variable is None:
        return None
    value = os.environ.get(variable)
    if value is None:
        raise ConfigError(
            f"The settings of the Airflow {instance!r} take a secret from the variable {variable}, "
            "which is not set here."
        )
    return value
