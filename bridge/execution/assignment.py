"""What whoever computes a run's steps has to know, in this process or forked from it."""

from __future__ import annotations

import logging
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bridge.execution.heartbeat import Heartbeat
from bridge.execution.lifetime import live_resources
from bridge.execution.outcome import Writer
from bridge.execution.plan import Plan
from bridge.store import Store

_USER = logging.getLogger("bridge.user")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """The steps of one run, and with what they are computed."""

    run_id: str
    todo: Plan
    store: Store
    resources: Mapping[str, Any]
    run_config: Mapping[str, Any] = field(default_factory=dict)

    @contextmanager
    def writer(
        self, store: Store, heartbeat: Heartbeat, log: logging.Logger = _USER
    ) -> Generator[Writer, None, None]:
        """In whose name steps run, with resources that are torn down at the end."""
        with live_resources(self.resources, self.run_id) as live:
            yield Writer(
                store=store,
                graph=self.todo.graph,
                resources=live,
                owner=f"bridge:{self.run_id}",
                source=f"bridge:{self.run_id}/1",
                run_id=self.run_id,
                heartbeat=heartbeat,
                run_config=self.run_config,
                log=log,
            )
