"""Runs out of the queue: done in this process, or in one of their own that outlives who asked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from bridge.assets import IO_MANAGER
from bridge.definitions import Definitions
from bridge.errors import BridgeError, SelectionError
from bridge.execution.process import this_process
from bridge.execution.run import RunResult, execute_run, finish
from bridge.executors import in_process_executor
from bridge.io import FilesystemIOManager
from bridge.project import Project
from bridge.store import Store


def execute_queued(
    run_id: str,
    definitions: Definitions | Callable[[], Definitions],
    store: Store,
    *,
    storage: Path | str | None = None,
    pools: Mapping[str, int] | None = None,
) -> RunResult | None:
    """Take a run out of the queue and do it here; None where somebody else has, or canceled it.

    `definitions` may be what loads them: what goes wrong there is then the run's failure. `storage`
    is where assets without an IO manager of their own are kept, `pools` the project's limits.
    Raises SelectionError for an id that is not known, and what `execute_run` raises.
    """
    if not store.begin_run(run_id, this_process(), now=datetime.now(timezone.utc)):
        if store.run(run_id) is None:
            raise SelectionError(f"There is no run {run_id}. `bridge runs list` shows them.")
        return None
    run = store.run(run_id)
    assert run is not None  # noqa: S101 - it has just begun
    try:
        here = definitions if isinstance(definitions, Definitions) else definitions()
        graph = here.graph()
    except BaseException as error:
        said = str(error) if isinstance(error, BridgeError) else type(error).__name__
        finish(store, run, "failed", said)
        raise
    executor = here.executor_of(run.job_name) or in_process_executor
    resources = resources_of(here, storage)
    return execute_run(run, graph, store, resources, executor=executor, pools=pools)


def resources_of(definitions: Definitions, storage: Path | str | None) -> Mapping[str, Any]:
    """The resources of a code location, with files below `storage` unless it stores elsewhere."""
    files = {} if storage is None else {IO_MANAGER: FilesystemIOManager(storage)}
    return files | definitions.resources


def launch_queued(run_id: str, project: Project) -> subprocess.Popen[bytes]:
    """Start a process that does one run out of the queue, and return at once.

    It has a session of its own, so that it lives on when this process is killed or interrupted.
    Launching twice is harmless: one takes the run, the other ends. The caller keeps the process
    and asks it (`poll`) now and then, else it stays a zombie after it ended.
    """
    environment = os.environ | {"BRIDGE_PROJECT": str(project.root)}
    return subprocess.Popen(
        [sys.executable, "-m", "bridge", "run-queued", run_id],
        cwd=project.root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
