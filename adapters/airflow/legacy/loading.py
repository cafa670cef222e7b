"""Taking a snapshot of a DAG folder from a real DagBag, by a Python that has Airflow."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from adapters.airflow.legacy.about import last_line, not_loaded
from adapters.airflow.legacy.record.child.airflow_operators import COMMON
from adapters.airflow.legacy.record.child.callables import names_in_templates, pulls_in_templates
from adapters.airflow.legacy.record.child.placing import Places
from adapters.airflow.legacy.record.child.redaction import secrets_in, without
from adapters.airflow.legacy.record.folder import root_of
from adapters.airflow.legacy.secrecy import without_secret
from adapters.airflow.legacy.snapshot import (
    Dag,
    DagSnapshot,
    SourceFile,
    Task,
    sorted_findings,
)
from bridge.errors import ImportReadError

_SCRIPT = Path(__file__).with_name("dagbag.py")
_TIMEOUT_S = 1800.0  # Airflow itself gives each file half a minute
# Beside what every operator may be given: what an Airflow of our day notes for itself.
_NOT_GIVEN = COMMON | {
    *("task_id", "dag", "task_group", "default_args", "subdag", "is_setup", "is_teardown"),
    *("on_failure_fail_dagrun", "max_retry_delay", "python_callable_source"),
}


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    airflow: str
    dags: list[dict[str, JsonValue]]
    errors: dict[str, str]


def load_folder(
    path: str | os.PathLike[str],
    instance: str = "airflow",
    *,
    python: str | os.PathLike[str] | None = None,
    environment: Mapping[str, str] | None = None,
    timeout_s: float = _TIMEOUT_S,
) -> DagSnapshot:
    """What a DagBag of the environment of `python` (else of ours) loads of the folder, or file.

    User code runs, with the settings, the network and the secrets that `environment` (else that of
    this process) gives it. A secret that the DAG files read is not kept, where its name or Airflow
    says that it is one. What Airflow cannot load is a finding with file and line.

    Raises ImportReadError if there is no such folder, or that Python has no Airflow.
    """
    place = Path(path).resolve()
    if not place.exists():
        raise ImportReadError(
            f"There is no file or folder {place}. Give the folder Airflow reads its DAGs from."
        )
    given = dict(os.environ if environment is None else environment)
    folder = place if place.is_dir() else place.parent
    answer = _asked(str(python or sys.executable), place, given, timeout_s)
    secrets = secrets_in(given)
    places = Places([str(root_of(folder))], str(folder.parent))
    dags = [_dag(places.placed_dag(without(dag, secrets))) for dag in answer.dags]
    errors = {file: without(error, secrets) for file, error in answer.errors.items()}
    return DagSnapshot(
        instance=instance,
        taken_from=("dagbag",),
        airflow=answer.airflow,
        folder=str(folder),
        files=tuple(_files(dags, errors)),
        dags=tuple(sorted(dags, key=lambda dag: (dag.dag_id, dag.file))),
        findings=sorted_findings(
            [
                not_loaded(file, error, re.escape(str(folder / file)))
                for file, error in errors.items()
            ]
        ),
    )


def _asked(python: str, place: Path, environment: dict[str, str], timeout_s: float) -> _Answer:
    with tempfile.TemporaryDirectory(prefix="bridge-dagbag-") as scratch:
        file = Path(scratch) / "answer.json"
        said = _run([python, str(_SCRIPT), str(place), str(file)], environment, timeout_s)
        if not file.exists():
            raise ImportReadError(
                f"{python} did not load the DAGs of {place}: {said}. Give with --python one that "
                "has Airflow and the providers, and the settings that Airflow has there."
            )
        try:
            return _Answer.model_validate_json(file.read_bytes())
        except ValidationError as error:
            raise ImportReadError(
                f"What {python} loaded of {place} is not well formed: {error.errors()[0]['msg']}."
            ) from error


def _run(words: list[str], environment: dict[str, str], timeout_s: float) -> str:
    """What the process said last; it and all that it started are gone afterwards."""
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            return f"it does not start ({error.strerror})"
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return f"not done after {timeout_s:.0f} s"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        output.seek(0)
        lines = output.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"it ended with {process.returncode} and said nothing"


def _dag(found: dict[str, Any]) -> Dag:
    tasks = tuple(sorted((_task(task) for task in found["tasks"]), key=lambda task: task.task_id))
    params = {name: without_secret(name, value) for name, value in found["params"].items()}
    return Dag.model_validate({**found, "params": params, "how": "loaded", "tasks": tasks})


def _task(found: dict[str, Any]) -> Task:
    arguments = {
        name: without_secret(name, value)
        for name, value in found["arguments"].items()
        if name not in _NOT_GIVEN
    }
    texts = list(_texts(arguments))
    results = {each for value in arguments.values() for each in _results(value)}
    pulled = {name for text in texts for name in pulls_in_templates(text)} | results
    return Task.model_validate(
        {
            **found,
            "how": "loaded",
            "arguments": arguments,
            "context_used": sorted({name for text in texts for name in names_in_templates(text)}),
            "uses_xcom_of": sorted(pulled - {found["task_id"]}),
        }
    )


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _results(value: JsonValue) -> Iterator[str]:
    """The tasks whose results stand in the value."""
    if isinstance(value, dict):
        ids = value.get("xcom")
        yield from [ids] if isinstance(ids, str) else []
        yield from (each for each in ids if isinstance(each, str)) if isinstance(ids, list) else ()
        for each in value.values():
            yield from _results(each)
    elif isinstance(value, list):
        for each in value:
            yield from _results(each)


def _files(dags: list[Dag], errors: Mapping[str, str]) -> Iterator[SourceFile]:
    for file in sorted({*(dag.file for dag in dags), *errors}):
        if file in errors:
            yield SourceFile(path=file, outcome="failed", reason=last_line(errors[file]))
        else:
            yield SourceFile(path=file, outcome="loaded")
