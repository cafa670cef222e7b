"""What `adapters.airflow.compat` offers, where there is no Airflow: what a task needs to raise."""

from __future__ import annotations

from typing import ClassVar, NamedTuple


class AirflowException(Exception):
    """The task failed, and may be retried."""


class AirflowFailException(AirflowException):
    """The task failed, and a retry would end the same way."""


class AirflowSkipException(AirflowException):
    """The task is skipped."""


class Asset(NamedTuple):
    """An outlet, by its URI."""

    uri: str


class Settings:
    """Those of Airflow's settings that came with the request, by section and name."""

    known: ClassVar[dict[tuple[str, str], str]] = {}

    def get(self, section: str, name: str) -> str:
        """What Airflow's side said."""
        return self.known[section, name]


conf = Settings()
