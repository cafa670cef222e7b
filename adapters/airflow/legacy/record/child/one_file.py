"""Running one DAG file in this (forked) process: what it defines, as one JSON value. What it leaves
behind in the process is undone by `pristine`.
"""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH119, PTH122, PTH123

import gc
import importlib.machinery
import importlib.util
import os
import sys
import traceback
from collections.abc import Iterator
from typing import Any

from . import chance, containment
from .airflow_datasets import describe_schedule
from .airflow_graph import DAG, stacks
from .airflow_setup import blocks
from .airflow_values import Supplied
from .assumptions import as_templates, assumptions, give_names
from .containment import EndedItself, TookTooLong
from .import_day import with_now
from .journal import journal
from .learning import expected_by
from .newer_syntax import compiled
from .other_versions import expected_version, give_versions
from .placing import here, inside
from .redaction import secrets_in, without
from .softening import Environment, live_in, tolerate_unknown_spans
from .source_reading import read_source
from .wire import Collector, literal

_WITH_TEXTS = ("arguments", "pulled", "calls", "scripts")
_DECLARED = ("inlets", "outlets")
_NEAR = 5  # lines apart: between them are blank ones, or some that could be read
_UNKNOWN_SPAN = "unsupported type for timedelta"


def run(job: dict[str, Any], options: dict[str, Any], *, assume_missing: bool) -> dict[str, Any]:
    """Run the file and describe its DAGs. Ends normally whatever the file does, short of killing
    the process.
    """
    file = str(job["path"])
    stacks.begin()
    blocks.begin()
    environment = Environment(options["environment"], assume_missing=assume_missing)
    with open(file, encoding="utf-8-sig", errors="replace") as handle:
        source = handle.read()
    code, syntax = _compiled(source, file)
    if syntax is not None:
        return _source_only(source, file, options, *syntax)
    assumptions.begin(job.get("assumed", {}))
    Supplied.begin(options)
    live_in(environment)
    chance.begin()
    if assume_missing:
        tolerate_unknown_spans()
    give_names()
    give_versions()
    containment.interrupt_after(options["timeout_s"])
    containment.arm()
    error, names = _execute(code, file)
    containment.stop_the_clock()
    containment.disarm()
    collector = Collector(options["folder"], file)
    dags = [collector.dag(dag) for dag in _of_this_file(everything=error is not None)]
    for task in (task for dag in dags for task in dag["tasks"]):
        known = chance.with_uuids(as_templates({part: task[part] for part in _WITH_TEXTS}))
        declared = with_now({part: task[part] for part in _DECLARED}, "{now}")
        declared = chance.with_uuids(declared, "{uuid}")
        task.update(with_now(known), **{part: sorted(set(declared[part])) for part in declared})
    dags = [here().placed_dag(dag) for dag in dags]
    result = {
        "outcome": "recorded" if error is None else "partial",
        "reason": error[0] if error else None,
        "dags": dags,
        "missed_environment": sorted(set(environment.missed)),
        "to_try": assumptions.to_try(),
        "again": error is not None
        and not assume_missing
        and (bool(environment.missed) or _UNKNOWN_SPAN in error[0]),
    }
    if error is not None:
        _add_from_source(result, source, file, options, error)
    elif assumptions.has_files() and journal.has("unknown_value_decides"):
        _add_tasks_of_source(dags, read_source(source), file, options)
    supplied = secrets_in(options["variables"]) | secrets_in(options["environment"])
    known = supplied | secrets_in({key: one for key, one in names.items() if type(one) is str})
    result["dags"] = without(result["dags"], supplied)
    result["reason"] = without(result["reason"], known)
    result["notes"] = without(_notes(options), known)
    return result


def read_only(job: dict[str, Any], options: dict[str, Any], reason: str) -> dict[str, Any]:
    """The file by its syntax tree alone, where running it killed the process."""
    file = str(job["path"])
    with open(file, encoding="utf-8-sig", errors="replace") as handle:
        source = handle.read()
    return _source_only(source, file, options, reason, 0, "not_run_to_end")


def _compiled(source: str, file: str) -> tuple[Any, tuple[str, int, str] | None]:
    """The file's code, or (reason, line, finding code) of why it is no Python 3."""
    try:
        return compiled(source, file), None
    except SyntaxError as error:
        reason = f"SyntaxError: {error.msg} (line {error.lineno})"
        return None, (reason, error.lineno or 0, "syntax_error")
    except (ValueError, RecursionError, MemoryError) as error:
        return None, (f"{type(error).__name__}: the file cannot be parsed", 0, "syntax_error")


def _execute(code: Any, file: str) -> tuple[tuple[str, int, str] | None, dict[str, Any]]:
    """(reason, line, finding code) of why the file did not run to its end, if so; its names."""
    name = "unusual_prefix_" + os.path.splitext(os.path.basename(file))[0]
    spec = importlib.machinery.ModuleSpec(name, None, origin=file)
    module = importlib.util.module_from_spec(spec)
    module.__file__ = file
    sys.modules[name] = module
    sys.argv = [file]
    error = _executed(code, file, module.__dict__)
    names = module.__dict__.copy()
    stacks.registered += [value for value in names.values() if isinstance(value, DAG)]
    return error, names


def _executed(code: Any, file: str, space: dict[str, Any]) -> tuple[str, int, str] | None:
    try:
        exec(code, space)  # noqa: S102 - this is what the process is for
    except TookTooLong:
        return "it did not end in time", _line_of(sys.exc_info()[2], file), "timeout"
    except SystemExit:
        return "it called sys.exit", _line_of(sys.exc_info()[2], file), "exited"
    except EndedItself:
        return "it ended its process", _line_of(sys.exc_info()[2], file), "exited"
    except MemoryError:
        gc.collect()
        return "it used more memory than it may", _line_of(sys.exc_info()[2], file), "out_of_memory"
    except BaseException as error:  # noqa: BLE001 - user code; recorded as a finding
        expected_by(error)
        expected_version(error)
        reason = _reason(error) + _raised_in(error.__traceback__, file)
        return reason, _line_of(error.__traceback__, file), "not_run_to_end"
    return None


def _reason(error: BaseException) -> str:
    """Class and first line; a KeyError's or NameError's text is a name, anything longer may hold a
    value.
    """
    lines = (str(error).splitlines() or [""])[:1]
    return f"{type(error).__name__}: {lines[0][:160]}".rstrip(": ")


def _raised_in(trace: Any, file: str) -> str:
    """Where in another module of the code base the error was raised, if not in the file itself."""
    frames = [
        frame
        for frame in traceback.extract_tb(trace, limit=-200)
        if frame.filename == file or journal.is_user_file(frame.filename)
    ]
    if not frames or frames[-1].filename == file:
        return ""
    return f" ({os.path.basename(frames[-1].filename)} line {frames[-1].lineno})"


def _line_of(trace: Any, file: str) -> int:
    lines = [
        frame.lineno for frame in traceback.extract_tb(trace, limit=-200) if frame.filename == file
    ]
    return (lines[-1] if lines else 0) or 0


def _of_this_file(*, everything: bool) -> list[DAG]:
    """What Airflow would find: DAGs in the module's globals or used as a context. All of them after
    an error.
    """
    wanted = stacks.registered + (stacks.created if everything else [])
    subdags = [
        sub
        for dag in wanted
        for task in dag.tasks
        if isinstance(sub := task.recorder_arguments.get("subdag"), DAG)
    ]
    found: dict[int, DAG] = {id(dag): dag for dag in [*wanted, *subdags]}
    return [dag for dag in found.values() if dag.dag_id]


def _source_only(
    source: str, file: str, options: dict[str, Any], reason: str, line: int, code: str
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "outcome": "source",
        "reason": reason,
        "dags": [],
        "missed_environment": [],
        "again": False,
    }
    _add_from_source(result, source, file, options, (reason, line, code))
    if not result["dags"]:
        result["outcome"] = "failed"
    result["notes"] = _notes(options)
    return result


def _add_from_source(
    result: dict[str, Any],
    source: str,
    file: str,
    options: dict[str, Any],
    error: tuple[str, int, str],
) -> None:
    """Complete what was recorded with what the syntax tree says, and say what stays unread."""
    reason, line, code = error
    journal.note("error", code, f"not read to its end: {reason}", place=(file, line))
    read = read_source(source)
    _add_tasks_of_source(result["dags"], read, file, options)
    for at, what in read["unread"]:
        if not result["dags"] or result["outcome"] != "partial" or at >= line:
            journal.note("warning", "unread", f"not read: {what}", place=(file, at))
    for first, last in _stretches(read["left_out"][1:]):
        what = "this line is" if first == last else f"what lines {first} to {last} hold is"
        journal.note("warning", "unread", f"not read: {what} no Python 3", place=(file, first))


def _stretches(lines: list[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of lines that are near each other."""
    stretch: list[int] = []
    for line in sorted(lines):
        if stretch and line > stretch[-1] + _NEAR:
            yield stretch[0], stretch[-1]
            stretch = []
        stretch.append(line)
    if stretch:
        yield stretch[0], stretch[-1]


def _add_tasks_of_source(
    dags: list[dict[str, Any]], read: dict[str, Any], file: str, options: dict[str, Any]
) -> None:
    """Add the DAGs and tasks of the syntax tree that were not recorded; a task of a group is not
    another one for its longer name.
    """
    known = {dag["dag_id"]: dag for dag in dags}
    relative = journal.relative(file, options["folder"])
    for found in read["dags"]:
        dag = known.get(found["dag_id"])
        if dag is None:
            dag = _dag_from_source(found, relative)
            dags.append(dag)
        have = {task["task_id"] for task in dag["tasks"]}
        have |= {name.rpartition(".")[2] for name in have}
        for task in found["tasks"]:
            if task["task_id"] not in have:
                own = {"how": "source", "file": relative, "arguments": literal(task["arguments"])}
                dag["tasks"].append({**task, **own})


def _dag_from_source(found: dict[str, Any], file: str) -> dict[str, Any]:
    given = found["given"]
    return {
        "dag_id": found["dag_id"],
        "file": file,
        "defined_in": file,
        "line": found["line"],
        "how": "source",
        "schedule": describe_schedule(given),
        "catchup": given.get("catchup") if isinstance(given.get("catchup"), bool) else None,
        "tags": sorted(str(tag) for tag in given.get("tags") or []),
        "doc": given.get("description") if isinstance(given.get("description"), str) else None,
        "tasks": [],
    }


def _notes(options: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            **note,
            "message": inside(note["message"]),
            "file": journal.relative(note["file"], options["folder"]) if note["file"] else None,
        }
        for note in journal.notes.values()
    ]
