"""What Airflow loads by entry point: the plugin, and the cluster policy that lets routes decide.

Every process of Airflow loads this module, so it must never fail and costs next to nothing.
"""

from __future__ import annotations

import os
from typing import Any

from airflow.plugins_manager import AirflowPlugin
from airflow.policies import hookimpl


def _listeners() -> list[Any]:
    """Our listener where it is asked for; by default none (see `observe.listener`)."""
    if not (os.environ.get("BRIDGE_LISTENER") and os.environ.get("BRIDGE_PROJECT")):
        return []
    from adapters.airflow.observe import listener  # noqa: PLC0415 - not without being asked for

    return [listener]


class BridgePlugin(AirflowPlugin):
    """Names us in Airflow's list of plugins, with a listener where it is asked for."""

    name = "bridge"
    listeners = _listeners()

    @property
    def timetables(self) -> list[Any]:
        """Our timetable, for who reads or writes a DAG as JSON: the tasks of none load it."""
        from adapters.airflow.timetables import TickTimetable  # noqa: PLC0415 - not in a task

        return [TickTimetable]


@hookimpl
def task_policy(task: Any) -> None:
    """Guard the tasks that the project's mapping names; leave all others alone."""
    if not os.environ.get("BRIDGE_PROJECT"):
        return
    from adapters.airflow.cutover.policy import guard_task  # noqa: PLC0415 - not without a project

    guard_task(task)
