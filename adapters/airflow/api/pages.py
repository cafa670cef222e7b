"""The pages on which Airflow shows a try of a task with its log, or a run, in either version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

from adapters.airflow.api.rest import AirflowRest
from adapters.airflow.source import TaskSource, parse_task_source
from bridge.errors import RemoteUnreachableError
from bridge.project import Project

# Somebody waits at a terminal, and an Airflow that is down has no page to go to.
_PATIENCE_S = 2.0
_DATE_IN_A_RUN_ID = re.compile(r"__(\d{4}-\d\d-\d\dT[^_]+)$")


def task_page(source: TaskSource, url: str, *, is_v3: bool) -> str:
    """Where a try of a task is looked at, with its log, in the Airflow at a URL.

    The paths of `TaskInstance.log_url` in 2.11 and 3.3; in 2.11 no page is of one try.
    """
    dag = f"{url.rstrip('/')}/dags/{quote(source.dag_id, safe='')}"
    if is_v3:
        mapped = f"/mapped/{source.map_index}" if source.map_index >= 0 else ""
        run, task = quote(source.run_id, safe=""), quote(source.task_id, safe="")
        return f"{dag}/runs/{run}/tasks/{task}{mapped}?try_number={source.try_number}"
    said = {"dag_run_id": source.run_id, "task_id": source.task_id}
    if source.map_index >= 0:
        said["map_index"] = str(source.map_index)
    dated = _DATE_IN_A_RUN_ID.search(source.run_id)
    if dated is not None:  # the grid shows the runs up to a date, else the newest ones
        said["base_date"] = dated[1]
    return f"{dag}/grid?{urlencode({**said, 'tab': 'logs'})}"


def run_page(dag_id: str, run_id: str, url: str, *, is_v3: bool) -> str:
    """Where a DAG run is looked at."""
    dag = f"{url.rstrip('/')}/dags/{quote(dag_id, safe='')}"
    if is_v3:
        return f"{dag}/runs/{quote(run_id, safe='')}"
    return f"{dag}/grid?{urlencode({'dag_run_id': run_id})}"


def backfills_page(dag_id: str, url: str) -> str:
    """Where Airflow 3 shows the backfills of a DAG."""
    return f"{url.rstrip('/')}/dags/{quote(dag_id, safe='')}/backfills"


def task_pages(texts: Iterable[str], project: Project) -> Mapping[str, str]:
    """The page of each of these sources that is a task of an Airflow that answers now."""
    found = {text: source for text in texts if (source := parse_task_source(text)) is not None}
    are_v3 = {
        name: is_v3
        for name in {source.instance for source in found.values()}
        if (is_v3 := _is_v3(project, name)) is not None
    }
    return {
        text: task_page(source, _url(project, source.instance), is_v3=are_v3[source.instance])
        for text, source in found.items()
        if source.instance in are_v3
    }


def _url(project: Project, instance: str) -> str:
    settings = project.airflow.get(instance)
    return "" if settings is None else settings.url or ""


def _is_v3(project: Project, instance: str) -> bool | None:
    """Which pages it has, without a login; None where its settings name no URL that answers."""
    url = _url(project, instance)
    if not url:
        return None
    try:
        rest = AirflowRest.connect(url, attempts=1, timeout_s=_PATIENCE_S)
    except RemoteUnreachableError:
        return None
    try:
        return rest.api == "v2"
    finally:
        rest.close()
