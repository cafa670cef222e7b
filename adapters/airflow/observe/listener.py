"""The listener: a task process tells as it ends, so that the store need not wait for the next poll.

Only where BRIDGE_LISTENER is set, since Airflow refuses DAGs whose tasks end from the triggerer
(`end_from_trigger`) wherever any listener is installed. What is lost here, the poller brings.
"""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from typing import Any

from airflow.listeners import hookimpl

from bridge.errors import BridgeError

log = logging.getLogger(__name__)


@hookimpl
def on_task_instance_success(previous_state: Any, task_instance: Any) -> None:
    """A task succeeded, and Airflow has noted it."""
    _tell(task_instance, "success")


@hookimpl
def on_task_instance_failed(previous_state: Any, task_instance: Any) -> None:
    """A try failed; whether it will be tried again does not matter to its assets."""
    _tell(task_instance, "failed")


def _tell(task_instance: Any, state: str) -> None:
    """Record what the poller would. Never raises: on 2.11 that would end the task's process."""
    try:
        dag_run = _dag_run(task_instance)
        if dag_run is not None:
            _record(task_instance, dag_run, state)
    except BridgeError as error:
        log.warning("not told at once, the next poll will: %s", error)
    except Exception:
        log.exception("the listener of airflow-asset-bridge failed; the next poll will tell")


def _dag_run(task_instance: Any) -> Any:
    """The task's run; None in processes that do not run it, such as one that marks it by hand."""
    if hasattr(task_instance, "get_template_context") and not hasattr(task_instance, "dag_run"):
        return task_instance.get_template_context()["dag_run"]
    return getattr(task_instance, "dag_run", None)


def _record(task_instance: Any, dag_run: Any, state: str) -> None:
    from adapters.airflow.environment import Environment  # noqa: PLC0415 - only where it has to tell
    from adapters.airflow.observe.facts import ObservedRun, facts_of_try  # noqa: PLC0415
    from adapters.airflow.observe.inside import run_inside, try_inside  # noqa: PLC0415
    from adapters.airflow.observe.instance import observed_units  # noqa: PLC0415

    environment = Environment.open()
    now = datetime.now(timezone.utc)
    for unit in observed_units(environment.project, environment.instance):
        if (unit.dag_id, unit.task_id) == (task_instance.dag_id, task_instance.task_id):
            run = ObservedRun(
                airflow=environment.instance,
                unit=unit,
                run=run_inside(task_instance, dag_run),
                seen_at=now,
            )
            facts = facts_of_try(try_inside(task_instance, state, now), run)
            environment.store.record(facts.events)
