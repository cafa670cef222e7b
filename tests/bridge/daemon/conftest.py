"""A project under a daemon, whose clock the test moves and whose runs it does itself."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from bridge import Definitions
from bridge.daemon import Happening, House
from bridge.project import find_project
from bridge.store import Store, Tick, open_store

START = datetime(2026, 3, 4, 12, 0, tzinfo=timezone.utc)


@dataclass(slots=True)
class Clock:
    """A clock that only the test moves."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **more: float) -> datetime:
        self.now += timedelta(**more)
        return self.now


@dataclass(slots=True)
class Under:
    """A house with what it told of."""

    house: House
    told: list[Happening] = field(default_factory=list)

    def said(self, what: str) -> list[str]:
        return [happening.text for happening in self.told if happening.what == what]

    def ticks(self, name: str | None = None) -> list[Tick]:
        return list(reversed(self.house.store.ticks(name, limit=1000)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'bridge.db'}")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def under(store: Store, tmp_path: Path) -> Callable[[Definitions], Under]:
    """Put definitions under a daemon."""

    def make(definitions: Definitions) -> Under:
        graph = definitions.graph()
        found = Under(
            House(
                project=find_project(tmp_path),
                store=store,
                declared_graph=graph,
                automation=definitions.automation(graph),
                resources=definitions.resources,
            )
        )
        found.house.report = found.told.append
        return found

    return make


@pytest.fixture
def process() -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """A process that runs a line of Python."""
    begun: list[subprocess.Popen[bytes]] = []

    def begin(line: str) -> subprocess.Popen[bytes]:
        begun.append(subprocess.Popen([sys.executable, "-c", line]))
        return begun[-1]

    yield begin
    for each in begun:
        each.wait()


def until(holds: Callable[[], object], timeout_s: float = 20) -> None:
    """Wait for something that happens soon."""
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
