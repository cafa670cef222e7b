"""`DagSnapshot`: one versioned JSON form of legacy DAGs, whichever way they were taken."""

import json
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from bridge.errors import ImportReadError

FORMAT_VERSION: Literal[1] = 1

Severity: TypeAlias = Literal["error", "warning", "info"]
ScheduleKind: TypeAlias = Literal[
    "cron", "interval", "timetable", "datasets", "once", "continuous", "none", "unset", "unknown"
]
FileOutcome: TypeAlias = Literal[
    "recorded", "partial", "source", "failed", "no_dag", "ignored", "zip"
]
LinkKind: TypeAlias = Literal[
    "external_task", "external_marker", "trigger_dag", "dataset", "subdag"
]


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
    to its object: `PostgresHook("dwh").get_conn().cursor()` is three.
    """

    name: str
    arguments: tuple[JsonValue, ...] = ()
    named: dict[str, JsonValue] = Field(default_factory=dict)
    on: tuple["Call", ...] = ()
    line: int | None = None


class Task(_Form):
    """One task. `how` says whether a run recorded it or only its source was read.

    `arguments` holds literals and template strings; anything else is `{"opaque": "<what it is>"}`,
    another task's result is `{"xcom": "<task_id>"}`. Durations are seconds, dates ISO text.
    Arguments every operator has (retries, pool, ...) are fields of their own or left out.
    """

    task_id: str
    operator: str
    bases: tuple[str, ...] = ()
    how: Literal["recorded", "source"] = "recorded"
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


class Dag(_Form):
    """One DAG of one file. Two files may define one dag_id; both are kept, with a finding."""

    dag_id: str
    file: str
    line: int | None = None
    how: Literal["recorded", "source"] = "recorded"
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

    def task(self, task_id: str) -> Task | None:
        """The task of that id, or None."""
        return next((task for task in self.tasks if task.task_id == task_id), None)


class Containment(_Form):
    """Which of the limits held while the files ran. Containment, not a security boundary."""

    held: tuple[str, ...] = ()
    not_available: tuple[str, ...] = ()


class DagSnapshot(_Form):
    """Every DAG of one folder (or Airflow), with what could not be read. Sorted: equal input gives
    equal bytes.
    """

    format_version: Literal[1] = FORMAT_VERSION
    instance: str
    taken_from: Literal["source", "dagbag", "rest"] = "source"
    folder: str
    files: tuple[SourceFile, ...] = ()
    dags: tuple[Dag, ...] = ()
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
        """Raises ImportReadError if the text is no snapshot of a version this program knows."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "the text"
            message = (
                f"This is no DAG snapshot of format {FORMAT_VERSION}: {place}: {first['msg']}. "
                "Take it again with `bridge import airflow FOLDER --json`."
            )
            raise ImportReadError(message) from error


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
