"""What Airflow loads by entry point: the plugin, and the cluster policy that lets routes decide.

Every process of Airflow loads this module, so it must never fail and costs next to nothing.
"""

from __future__ import annotations

import os
from typing import Any

from airflow.plugins_manager import AirflowPlugin
from airflow.policies import hookimpl


class BridgePlugin(AirflowPlugin):
    """Names us in Airflow's list of plugins."""

    name = "bridge"


@hookimpl
def task_policy(task: Any) -> None:
    """Guard the tasks that the project's mapping names; leave all others alone."""
    if not os.environ.get("BRIDGE_PROJECT"):
        return
    from adapters.airflow.cutover.policy import guard_task  # noqa: PLC0415 - not without a project

    guard_task(task)
