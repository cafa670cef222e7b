"""Starting the recorder's child, and its answers as values; nothing it says is believed before it
is validated.
"""

import contextlib
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from adapters.airflow.legacy.record.deployed import NOTHING, Deployed
from adapters.airflow.legacy.record.folder import DagFile, DagFolder
from adapters.airflow.legacy.snapshot import Containment, Dag, FileOutcome, Finding
from bridge.errors import ImportReadError

_SCRATCH = b"/tmp/bridge-record"
# In the scratch folder, beside temporary files; as templates in what is recorded.
_FOLDERS = {"home": b"/{{ HOME }}", "cwd": b"/{{ cwd }}"}
_CHILD = Path(__file__).parent / "child"
_OWN_ROOT = Path(__file__).resolve().parents[4]
_BOOT = """
import sys
sys.path[:] = [entry for entry in sys.path if entry]
import importlib.util
spec = importlib.util.spec_from_file_location(
    "_dag_recorder", sys.argv[1] + "/__init__.py", submodule_search_locations=[sys.argv[1]])
sys.modules["_dag_recorder"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["_dag_recorder"])
from _dag_recorder.server import main
main(int(sys.argv[2]))
"""
# Libraries a DAG file may really need; loaded once before the forks if a file asks for them, since
# loading a large one (pandas, pytest) once per file would cost half a second each.
_REAL = (
    "attr",
    "attrs",
    "dateutil",
    "duckdb",
    "fastapi",
    "jinja2",
    "networkx",
    "numpy",
    "packaging",
    "pandas",
    "pendulum",
    "pyarrow",
    "pydantic",
    "pytest",
    "pytz",
    "rich",
    "sqlglot",
    "tenacity",
    "typer",
    "yaml",
    "zoneinfo",
)
# Modules of Python that do something as they are loaded, or need a screen.
_NOT_AHEAD = frozenset(
    {"antigravity", "idlelib", "test", "this", "tkinter", "turtle", "turtledemo"}
)
# What makes DAGs from files of other kinds.
_FROM_FILES = frozenset({"cosmos", "dagfactory", "gusty"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may use."""

    timeout_s: float = 20.0
    memory_bytes: int = 2 << 30
    workers: int = 2


class RecordedDag(Dag):
    """A DAG and the file its constructor was called in, which may be a helper module."""

    defined_in: str = ""


class FileAnswer(BaseModel):
    """What the child says of one file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    index: int
    outcome: FileOutcome
    reason: str | None = None
    dags: tuple[RecordedDag, ...] = ()
    notes: tuple[Finding, ...] = ()
    missed_environment: tuple[str, ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """All answers, one per file and in the files' order, and which limits held."""

    answers: tuple[FileAnswer, ...]
    containment: Containment
    missing: tuple[DagFile, ...] = field(default=())


def run_files(
    folder: DagFolder,
    *,
    limits: Limits,
    variables: Mapping[str, object],
    environment: Mapping[str, str],
    deployed: Deployed = NOTHING,
    shipped: Collection[str] = (),
    dbt: Mapping[str, object] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Recording:
    """Run every file of the folder in a process of its own; a file that brings its process down
    costs only itself. `deployed` is what the code base itself says of its environment, `shipped`
    names the Variables that only the code base itself has; `dbt` has the nodes of the code base's
    dbt projects, by their folders.
    """
    known = {**deployed.values, **environment}
    with tempfile.TemporaryDirectory(prefix="bridge-record-") as scratch:
        for name in _FOLDERS:
            Path(scratch, name).mkdir()
        if dbt:
            Path(scratch, "dbt_projects.json").write_text(json.dumps(dbt), encoding="utf-8")
        job = {
            "files": [{"path": str(file.path), "name": file.name} for file in folder.to_run],
            "preload": _ahead(folder, {"jinja2"} if variables else set()),
            "libraries": _REAL,
            "factories": sorted(_FROM_FILES & folder.imported),
            "options": {
                "scratch": scratch,
                "folder": str(folder.folder),
                "home": str(folder.dags.parent),
                "roots": [str(folder.root)],
                "folders": [str(path) for path in (*folder.path, *_told(known, folder))],
                "not_ours": [str(_OWN_ROOT / name) + "/" for name in ("bridge", "adapters")],
                "timeout_s": limits.timeout_s,
                "memory_bytes": limits.memory_bytes,
                "workers": limits.workers,
                "variables": dict(variables),
                "shipped": sorted(shipped),
                "environment": {**_white_list(scratch, folder), **known},
                "deployed": dict(deployed.files),
            },
        }
        lines = []
        heard: set[object] = set()
        patience_s = limits.timeout_s * 3 + 30
        for line in _conversation(json.dumps(job), scratch, patience_s=patience_s):
            lines.append(line)
            if "containment" not in line and progress is not None:
                heard.add(line.get("index"))
                progress(len(heard), len(folder.to_run))
    containment = Containment()
    answers: dict[int, FileAnswer] = {}
    for line in lines:
        if "containment" in line:
            containment = Containment.model_validate(line["containment"])
        else:
            answer = _validated(line, folder)
            answers[answer.index] = answer
    missing = tuple(file for index, file in enumerate(folder.to_run) if index not in answers)
    return Recording(
        answers=tuple(answers[index] for index in sorted(answers)),
        containment=containment,
        missing=missing,
    )


def _told(environment: Mapping[str, str], folder: DagFolder) -> list[Path]:
    """The folders of a supplied PYTHONPATH, or what the code base has in their place."""
    found: list[Path] = []
    for entry in environment.get("PYTHONPATH", "").split(":"):
        parts = [part for part in entry.split("/") if part]
        below = [folder.root.joinpath(*parts[start:]) for start in range(len(parts))]
        found += [path for path in (Path(entry), *below) if entry and path.is_dir()][:1]
    return [path for path in found if path.resolve().is_relative_to(folder.root)]


def _ahead(folder: DagFolder, needed: set[str]) -> list[str]:
    """What is loaded once before the forks: what is `needed`, what some file asks for of Python,
    and of `_REAL` what one asks for as it is loaded; what only functions ask for is loaded when it
    is used, which it hardly ever is.
    """
    python = (folder.imported & sys.stdlib_module_names) - _NOT_AHEAD
    reads_yaml = not _FROM_FILES.isdisjoint(folder.imported)
    at_top = folder.imported_at_top | needed
    real = [name for name in _REAL if name in at_top or (name == "yaml" and reads_yaml)]
    return [*sorted(python), *real]


def _white_list(scratch: str, folder: DagFolder) -> dict[str, str]:
    """The whole environment of the child: nothing of ours, so no credentials."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": f"{scratch}/home",
        "TMPDIR": scratch,
        "USER": "airflow",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "AIRFLOW_HOME": str(folder.dags.parent),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder.dags),
    }


def _conversation(job: str, scratch: str, *, patience_s: float) -> Iterator[dict[str, object]]:
    read_fd, write_fd = os.pipe()
    interpreter = {
        "PYTHONHASHSEED": "0",  # sets in user code have one order, so the snapshot is the same
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
        "OPENBLAS_NUM_THREADS": "1",  # threads do not survive a fork
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "HOME": scratch,
        "TMPDIR": scratch,
    }
    with tempfile.TemporaryFile() as complaints:
        child = subprocess.Popen(
            [sys.executable, "-s", "-c", _BOOT, str(_CHILD), str(write_fd)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            cwd=scratch,
            env=interpreter,
            pass_fds=[write_fd],
            start_new_session=True,
        )
        os.close(write_fd)
        try:
            if child.stdin is not None:
                with contextlib.suppress(BrokenPipeError), child.stdin:
                    child.stdin.write(job.encode())
            lines = 0
            for line in _lines(read_fd, patience_s):
                lines += 1
                yield json.loads(_placed(line, scratch))
            if lines == 0:
                complaints.seek(0)
                said = complaints.read().decode(errors="replace").strip().splitlines()[-1:]
                message = (
                    f"The recorder's process did not start ({''.join(said) or 'it said nothing'})."
                )
                raise ImportReadError(message)
        finally:
            os.close(read_fd)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _placed(line: bytes, scratch: str) -> bytes:
    """Code may keep its home in an argument; here that is another folder each time."""
    for name, template in _FOLDERS.items():
        line = re.sub(rb"%b/%b\b" % (re.escape(scratch.encode()), name.encode()), template, line)
    return line.replace(scratch.encode(), _SCRATCH)


def _lines(fd: int, patience_s: float) -> Iterator[bytes]:
    """Lines until the other side closes, or says nothing for too long."""
    text = b""
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        while selector.select(timeout=patience_s):
            data = os.read(fd, 1 << 16)
            if not data:
                return
            *complete, text = (text + data).split(b"\n")
            yield from complete


def _validated(line: dict[str, object], folder: DagFolder) -> FileAnswer:
    try:
        return FileAnswer.model_validate(line)
    except ValidationError as error:
        index = line.get("index")
        index = index if isinstance(index, int) else 0
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        note = Finding(
            severity="error",
            code="failed",
            message=f"not read: what was recorded is not well formed ({place}: {first['msg']})",
            file=folder.to_run[index].name,
        )
        return FileAnswer(index=index, outcome="failed", reason="not well formed", notes=(note,))
