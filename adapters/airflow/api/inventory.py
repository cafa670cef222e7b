"""What a running Airflow says of its DAGs: their files, settings, tasks, datasets and recent runs.

The rows are read as they are, with the names of v1 and v2 for one thing under one name here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import quote

from pydantic import AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from adapters.airflow.api import parsing
from adapters.airflow.api.answers import PAGE_ROWS, every_listed, rows_in
from adapters.airflow.api.connection import Connected
from adapters.airflow.api.rows import Rows
from bridge.capabilities import ConnectionAddress

T = TypeVar("T")
_HIDDEN = "***"  # how Airflow shows a secret


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True)


class ListedDag(_Row):
    """A DAG in the list of all. `relative_fileloc` and `bundle_name` are of v2 only."""

    dag_id: str
    is_paused: bool | None = None
    is_active: bool | None = None
    is_stale: bool | None = None
    fileloc: str = ""
    relative_fileloc: str | None = None
    bundle_name: str | None = None
    file_token: str | None = None
    owners: tuple[str, ...] = ()
    tags: tuple[Mapping[str, JsonValue], ...] = ()
    schedule_interval: Mapping[str, JsonValue] | None = None
    timetable_summary: str | None = None
    timetable_description: str | None = None
    next_run: AwareDatetime | None = Field(
        default=None,
        validation_alias=AliasChoices("next_dagrun_run_after", "next_dagrun_create_after"),
    )


class DagDetails(_Row):
    """What the list of all DAGs leaves out."""

    dag_id: str
    start_date: AwareDatetime | None = None
    end_date: AwareDatetime | None = None
    timezone: str | None = None
    catchup: bool | None = None
    params: Mapping[str, JsonValue] = Field(default_factory=dict)
    doc_md: str | None = None


class ClassRef(_Row):
    """A class by its module."""

    module_path: str | None = None
    class_name: str


class ListedTask(_Row):
    """A task of a DAG: neither its arguments nor its inlets and outlets."""

    task_id: str
    class_ref: ClassRef | None = None
    operator_name: str | None = None
    owner: str | None = None
    trigger_rule: str | None = None
    retries: float | None = None
    pool: str | None = None
    queue: str | None = None
    is_mapped: bool = False
    doc_md: str | None = None
    downstream_task_ids: tuple[str, ...] = ()


class TaskRef(_Row):
    """A task, or a whole DAG, beside a dataset."""

    dag_id: str
    task_id: str | None = None


class ListedDataset(_Row):
    """A dataset (asset in v2), the tasks on both sides, and the DAGs that it starts."""

    uri: str
    producing_tasks: tuple[TaskRef, ...] = ()
    consuming_tasks: tuple[TaskRef, ...] = ()
    scheduled_dags: tuple[TaskRef, ...] = Field(
        default=(), validation_alias=AliasChoices("scheduled_dags", "consuming_dags")
    )


class ListedConnection(_Row):
    """A connection, without who asks there and how."""

    connection_id: str
    conn_type: str
    host: str | None = None
    port: int | None = None
    database: str | None = Field(default=None, validation_alias="schema")

    @property
    def address(self) -> ConnectionAddress:
        """Where it leads."""
        return ConnectionAddress(
            kind=self.conn_type,
            host=self.host or "",
            port=self.port,
            database=self.database or "",
        )


class ListedVariable(_Row):
    """A Variable; Airflow hides the value where its name says that it is a secret."""

    key: str
    value: str


class ImportProblem(_Row):
    """A file that Airflow could not load."""

    filename: str
    stack_trace: str = ""


class ListedRun(_Row):
    """A run of a DAG."""

    dag_run_id: str
    state: str | None = None
    start_date: AwareDatetime | None = None
    end_date: AwareDatetime | None = None


class ListedInstance(_Row):
    """A task instance of a run."""

    task_id: str
    dag_run_id: str
    start_date: AwareDatetime | None = None
    end_date: AwareDatetime | None = None


class Inventory(Connected):
    """Reads one Airflow's DAGs. All methods raise RemoteUnreachableError where it gives no usable
    answer; a row that cannot be understood comes back as a BadRow beside the others.
    """

    def dags(self) -> Rows[ListedDag]:
        """All active DAGs this user may see, by id; one request per 100."""
        return self._every("/dags", "dags", ListedDag.model_validate, "dag_id")

    def details(self, dag_id: str) -> DagDetails | None:
        """More of one DAG; None where Airflow does not know it, or not in words we know."""
        answer = self._connection.get(f"/dags/{_quoted(dag_id)}/details")
        found = parsing.parsed([answer], DagDetails.model_validate).good
        return found[0] if answer is not None and found else None

    def tasks(self, dag_id: str) -> Rows[ListedTask]:
        """The tasks of a DAG, none where Airflow does not know it."""
        answer = self._connection.get(f"/dags/{_quoted(dag_id)}/tasks")
        rows = [] if answer is None else rows_in(answer, "tasks")
        return parsing.parsed(rows, ListedTask.model_validate)

    def source(self, dag: ListedDag) -> str | None:
        """The text of the file that makes a DAG; None where Airflow does not have it, or does not
        show it to this user.
        """
        name = dag.dag_id if self.api == "v2" else dag.file_token
        answer = self._connection.get_allowed(f"/dagSources/{_quoted(name)}") if name else None
        content = None if answer is None else answer.get("content")
        return content if isinstance(content, str) else None

    def datasets(self) -> Rows[ListedDataset]:
        """All datasets with who writes, reads and waits for them; one request per 100."""
        name = "assets" if self.api == "v2" else "datasets"
        return self._every(f"/{name}", name, ListedDataset.model_validate)

    def connections(self) -> dict[str, ConnectionAddress]:
        """Where each connection leads, none where this user may not see them; one request per 100.

        Logins, passwords and extras are dropped as they come in.
        """
        rows = self._allowed("connections", ListedConnection.model_validate)
        return {row.connection_id: row.address for row in rows}

    def variables(self) -> dict[str, str]:
        """The Variables, none where this user may not see them; one request per 100.

        What Airflow hides, for its name is that of a secret, is left out.
        """
        rows = self._allowed("variables", ListedVariable.model_validate)
        return {row.key: row.value for row in rows if row.value != _HIDDEN}

    def import_problems(self) -> Rows[ImportProblem]:
        """The files that Airflow cannot load; one request per 100."""
        return self._every("/importErrors", "import_errors", ImportProblem.model_validate)

    def runs(self, dag_id: str, limit: int) -> Rows[ListedRun]:
        """The latest runs of a DAG, the last one first; one request."""
        answer = self._connection.get(
            f"/dags/{_quoted(dag_id)}/dagRuns", {"limit": limit, "order_by": "-start_date"}
        )
        rows = [] if answer is None else rows_in(answer, "dag_runs")
        return parsing.parsed(rows, ListedRun.model_validate)

    def successes(self, dag_id: str, since: str) -> Rows[ListedInstance]:
        """Up to 100 task instances of a DAG that succeeded, begun at or after `since`; one request.

        Which ones, where there are more, is Airflow's choice.
        """
        answer = self._connection.get(
            f"/dags/{_quoted(dag_id)}/dagRuns/~/taskInstances",
            {"limit": PAGE_ROWS, "state": ["success"], "start_date_gte": since},
        )
        rows = [] if answer is None else rows_in(answer, "task_instances")
        return parsing.parsed(rows, ListedInstance.model_validate)

    def _allowed(self, name: str, read: Callable[[JsonValue], T]) -> tuple[T, ...]:
        """All rows of a listing that Airflow may keep from this user."""
        rows = every_listed(self._connection, f"/{name}", name, may_be_refused=True)
        return parsing.parsed(rows, read).good

    def _every(
        self, path: str, name: str, read: Callable[[JsonValue], T], order_by: str | None = None
    ) -> Rows[T]:
        return parsing.parsed(every_listed(self._connection, path, name, order_by), read)


def _quoted(name: str) -> str:
    return quote(name, safe="~")
