"""What a triggerer runs for a task that waits: it asks the store, and never holds up its loop."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from threading import Lock
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

log = logging.getLogger(__name__)
# Of all triggers in this process: a store that hangs must not take the threads of others.
_THREADS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="bridge-store")
_STORES: dict[str, Any] = {}
_OPENING = Lock()


class PartitionsTrigger(BaseTrigger):
    """Fires when partitions are there, or at `until`; the task looks itself what is there then.

    `project` is a folder: where the store is, is read in this process, so that no password is kept
    with the trigger. `since` is when the task began to wait, and is told to it again. A store that
    does not answer is asked again.
    """

    def __init__(
        self,
        *,
        project: str,
        awaited: list[list[Any]],
        poke_interval_s: float,
        since: str,
        until: str,
    ) -> None:
        super().__init__()
        self.project = project
        self.awaited = awaited
        self.poke_interval_s = poke_interval_s
        self.since = since
        self.until = until

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class, and what makes another like this one."""
        return (
            "adapters.airflow.trigger.PartitionsTrigger",
            {
                "project": self.project,
                "awaited": self.awaited,
                "poke_interval_s": self.poke_interval_s,
                "since": self.since,
                "until": self.until,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Ask until all are there, or until it is time for the task to look itself."""
        end = datetime.fromisoformat(self.until)
        loop = asyncio.get_running_loop()
        while True:
            are_there = await loop.run_in_executor(_THREADS, _are_there, self.project, self.awaited)
            left_s = (end - datetime.now(timezone.utc)).total_seconds()
            if are_there or left_s <= 0:
                yield TriggerEvent({"are_there": are_there, "since": self.since})
                return
            await asyncio.sleep(min(self.poke_interval_s, left_s))


def _are_there(project: str, awaited: list[list[Any]]) -> bool:
    """Whether nothing is missing. Loads the core, in a thread and when first asked."""
    of = importlib.import_module("adapters.airflow.awaited")
    errors = importlib.import_module("bridge.errors")
    try:
        return not of.missing(_store(project), of.from_plain(awaited))
    except errors.StoreUnreachableError as error:
        log.warning("Asked again later: %s", error)
        return False


def _store(project: str) -> Any:
    """The store of the project in a folder, or of this process's where it has no such folder."""
    settings = importlib.import_module("bridge.project")
    root = Path(project)
    found = settings.project_at(root) if root.is_dir() else settings.find_project()
    with _OPENING:
        if found.store_url not in _STORES:
            opened = importlib.import_module("bridge.store").open_store(found.store_url)
            _STORES[found.store_url] = opened
        return _STORES[found.store_url]
