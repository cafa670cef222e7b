"""`DagSnapshot`: one versioned JSON form of legacy DAGs, whichever way they were taken."""

import json
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from adapters.airflow.legacy.dbt.forms import DbtProject
from bridge.errors import ImportReadError

FORMAT_VERSION: Literal[2] = 2

Taker: TypeAlias = Literal["source", "dagbag", "rest"]
How: TypeAlias = Literal["recorded", "loaded", "source", "listed"]
Severity: TypeAlias = Literal["error", "warning", "info"]
ScheduleKind: TypeAlias = Literal[
    "cron", "interval", "timetable", "datasets", "once", "continuous", "none", "unset", "unknown"
]
FileOutcome: TypeAlias = Literal[
    "recorded", "partial", "loaded", "source", "failed", "no_dag", "ignored", "zip"
]
LinkKind: TypeAlias = Literal[
    "external_task", "external_marker", "trigger_dag", "dataset", "subdag"
]

_PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Finding(_Form):
    """Something a reader of the snapshot must know; `code` is stable, `message` is for people."""

    severity: Severity
    code: str
    message: str
    file: str | None = None
    line: int | None = None
    dag_id: str | None = None
    task_id: str | None = None


class SourceFile(_Form):
    """One file of the folder and what became of it.

    `recorded`: ran to its end. `partial`: ran up to an error, the rest read from its syntax tree.
    `loaded`: a DagBag loaded it.
    `source`: not run, read from its syntax tree only. `failed`: nothing could be read. The others
    were not opened for a reason.
    """

    path: str
    outcome: FileOutcome
    sha256: str | None = None
    reason: str | None = None


class Schedule(_Form):
    """When a DAG runs. `text` is what the file says; `unset` means the default, which differs
    between Airflow 2 and 3.
    """

    kind: ScheduleKind
    text: str = ""
    cron: str | None = None
    interval_s: float | None = None
    datasets: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """For people, on one line."""
        if self.kind == "datasets" and self.datasets:
            return ", ".join(self.datasets)
        return self.text or self.cron or self.kind

    @property
    def plain_cron(self) -> str | None:
        """The cron that starts it, `@daily` and the like spelled out; None where no cron does."""
        if self.cron is None or self.kind not in ("cron", "timetable"):
            return None
        cron = " ".join(self.cron.split())
        return _PRESETS.get(cron, cron)


class TemplateFile(_Form):
    """A file an argument names (`sql="fct.sql"`), found as Airflow would find it. `text` is None if
    it is too large.
    """

    path: str
    text: str | None = None


class CrossDagLink(_Form):
    """One DAG waits for, triggers or contains another, or runs when a dataset changes."""

    kind: LinkKind
    task_id: str | None = None
    target_dag_id: str | None = None
    target_task_ids: tuple[str, ...] = ()
    uri: str | None = None


class Call(_Form):
    """A call in a task's own Python code, with what is literal of what it is given.

    A text holds `{{ name }}` for what only the run knows; anything else unknown is
    `{"opaque": …}`, an object `{"made_by": [calls]}`. `on` are the calls and attributes that lead
    to its object: `PostgresHook("dwh").get_conn().cursor()` is three. `module` is where the first
    name of all comes from, if it is imported, under its real name: `awswrangler.s3` for
    `wr.s3.read_parquet(…)` after `import awswrangler as wr`, `boto3` for the first step of
    `boto3.client("s3").put_object(…)`, a class's own module for a class. A step on something else
    has none: `{}.get("x")`. `file` is where the call stands, None in the task's or script's own;
    `folder` is where its relative paths begin, None where that is the worker's.
    `dialects` (of SQLAlchemy) and `drivers` are those that its module, or its table's, imports;
    `frames` are the names in its SQL that stand for data frames of the code.
    """

    name: str
    module: str | None = None
    arguments: tuple[JsonValue, ...] = ()
    named: dict[str, JsonValue] = Field(default_factory=dict)
    on: tuple["Call", ...] = ()
    file: str | None = None
    line: int | None = None
    folder: str | None = None
    dialects: tuple[str, ...] = ()
    drivers: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()


class Script(_Form):
    """A script of the code base that a task starts as a program of its own, and what it calls.
    `is_sure` is False where its name alone says which file is meant.
    """

    path: str
    is_sure: bool = True
    calls: tuple[Call, ...] = ()


class Durations(_Form):
    """How long something took in its recent successful runs, of which there were `runs`."""

    runs: int
    median_s: float
    p90_s: float


class Operation(_Form):
    """What a running Airflow says of a DAG; None where it does not say. Times are ISO text, UTC."""

    is_paused: bool | None = None
    is_active: bool | None = None
    last_run: str | None = None
    last_state: str | None = None
    next_run: str | None = None
    durations: Durations | None = None


class Task(_Form):
    """One task. `how` says where it is known from: a recorded run, a DagBag that loaded it, its
    source alone, or an Airflow's list of tasks, which has neither arguments nor SQL.

    `arguments` holds literals and template strings; anything else is `{"opaque": "<what it is>"}`,
    another task's result is `{"xcom": "<task_id>"}`, and `pulled` holds those arguments again with
    such results as far as they are known. Durations are seconds, dates ISO text.
    Arguments every operator has (retries, pool, ...) are fields of their own or left out; None
    where they are Airflow's default. `done_after` counts from the start of the DAG's run.
    """

    task_id: str
    operator: str
    bases: tuple[str, ...] = ()
    how: How = "recorded"
    file: str | None = None
    line: int | None = None
    arguments: dict[str, JsonValue] = Field(default_factory=dict)
    owner: str | None = None
    trigger_rule: str | None = None
    retries: int | None = None
    pool: str | None = None
    queue: str | None = None
    group: str | None = None
    mapped: bool = False
    setup: bool = False
    teardown: bool = False
    doc: str | None = None
    upstream: tuple[str, ...] = ()
    inlets: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    uses_xcom_of: tuple[str, ...] = ()
    context_used: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    scripts: tuple[Script, ...] = ()
    pulled: dict[str, JsonValue] = Field(default_factory=dict)
    durations: Durations | None = None
    done_after: Durations | None = None


class Dag(_Form):
    """One DAG of one file. Two files may define one dag_id; both are kept, with a finding."""

    dag_id: str
    file: str
    line: int | None = None
    how: How = "recorded"
    schedule: Schedule
    timezone: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    catchup: bool | None = None
    tags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    params: dict[str, JsonValue] = Field(default_factory=dict)
    doc: str | None = None
    template_searchpath: tuple[str, ...] = ()
    templates: dict[str, TemplateFile] = Field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    links: tuple[CrossDagLink, ...] = ()
    operation: Operation | None = None

    def task(self, task_id: str) -> Task | None:
        """The task of that id, or None."""
        return next((task for task in self.tasks if task.task_id == task_id), None)


class Containment(_Form):
    """Which of the limits held while the files ran. Containment, not a security boundary."""

    held: tuple[str, ...] = ()
    not_available: tuple[str, ...] = ()


class DagSnapshot(_Form):
    """Every DAG of one folder (or Airflow), with what could not be read. Sorted: equal input gives
    equal bytes. `airflow` is the version of the Airflow that was asked, None where none was.
    `sql_files` define the functions, procedures and views that SQL of the tasks names.
    `dbt_projects` are those of the code base, where a task speaks of dbt.
    """

    format_version: Literal[2] = FORMAT_VERSION
    instance: str
    taken_from: tuple[Taker, ...] = ("source",)
    airflow: str | None = None
    folder: str
    files: tuple[SourceFile, ...] = ()
    dags: tuple[Dag, ...] = ()
    sql_files: tuple[TemplateFile, ...] = ()
    dbt_projects: tuple[DbtProject, ...] = ()
    findings: tuple[Finding, ...] = ()
    containment: Containment = Containment()

    def dag(self, dag_id: str) -> Dag | None:
        """The first DAG of that id, or None."""
        return next((dag for dag in self.dags if dag.dag_id == dag_id), None)

    def to_json(self) -> str:
        """The snapshot as text to commit, diff or mail; ends with a newline."""
        data = self.model_dump(mode="json", exclude_defaults=True)
        data["format_version"] = self.format_version
        return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "DagSnapshot":
        """Reads this format and the one before it.

        Raises ImportReadError if the text is no snapshot, or one that a newer program wrote.
        """
        try:
            data = _upgraded(json.loads(text))
            return cls.model_validate_json(json.dumps(data))
        except ValueError as error:
            raise ImportReadError(_refusal(error)) from error


def _upgraded(data: object) -> object:
    """The same in today's format. Format 1 knew one way of taking a snapshot at a time."""
    if not isinstance(data, dict) or data.get("format_version") != 1:
        return data
    taken = data.get("taken_from", "source")
    return {**data, "format_version": FORMAT_VERSION, "taken_from": [taken]}


def _refusal(error: ValueError) -> str:
    again = "Take it again with `bridge import airflow FOLDER --json`."
    if not isinstance(error, ValidationError):
        return f"This is no DAG snapshot, it is no JSON: {error}. {again}"
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "the text"
    version = first["input"]
    if place == "format_version" and isinstance(version, int) and version > FORMAT_VERSION:
        return (
            f"This DAG snapshot has format {version}, and this program reads up to "
            f"{FORMAT_VERSION}. Read it with the newer version that wrote it, or take it again "
            "with `bridge import airflow FOLDER --json`."
        )
    return f"This is no DAG snapshot of format {FORMAT_VERSION}: {place}: {first['msg']}. {again}"


def sorted_findings(findings: list[Finding]) -> tuple[Finding, ...]:
    """Without duplicates, by file, line and code."""
    unique = {finding.model_dump_json(): finding for finding in findings}
    return tuple(
        sorted(
            unique.values(),
            key=lambda found: (
                found.file or "",
                found.line or 0,
                found.code,
                found.model_dump_json(),
            ),
        )
    )
