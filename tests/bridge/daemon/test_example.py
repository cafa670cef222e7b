"""The project that the README shows, under a daemon, on each database."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from bridge import AssetKey
from bridge.store import Store, open_store

README = Path(__file__).parents[3] / "README.md"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'bridge.db'}"


def written() -> str:
    """The file that the README shows; its schedule ticks as soon as a day is over, so that the test
    is the same at any hour: until 3:00 the newest day would wait for its tick.
    """
    section = README.read_text(encoding="utf-8").partition("## Let it run by itself")[2]
    found = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert found is not None
    assert "hour_of_day=3" in found[1]
    return found[1].replace("hour_of_day=3", "hour_of_day=0")


def daemon_once(folder: Path, url: str) -> list[dict[str, str]]:
    """What a daemon tells of that does all that is due."""
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "daemon", "--once", "--json"],
        cwd=folder,
        env=os.environ
        | {"BRIDGE_STORE": url, "PYTHONPATH": str(README.parent), "BRIDGE_PROJECT": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def asked(told: list[dict[str, str]]) -> list[str]:
    return [each["who"] for each in told if each["what"] == "queued"]


def passes(store: Store, days: int) -> None:
    """Let time pass: as if the schedule had last ticked so many days ago."""
    state = store.instigators()["load_schedule"]
    before = datetime.now(timezone.utc) - timedelta(days=days)
    store.turn_instigator("load_schedule", "schedule", on=False, now=before)
    store.turn_instigator("load_schedule", "schedule", on=True, now=before)
    assert state.position is None


@pytest.mark.slow
def test_the_project_of_the_readme_runs_by_itself(url: str, tmp_path: Path) -> None:
    (tmp_path / "bridge.toml").write_text('definitions = ["shop.py"]\n')
    (tmp_path / "shop.py").write_text(written())

    first = daemon_once(tmp_path, url)
    store = open_store(url)
    passes(store, days=2)
    second = daemon_once(tmp_path, url)
    third = daemon_once(tmp_path, url)

    assert asked(first) == ["new_rates"]
    assert asked(second)[:2] == ["load_schedule", "load_schedule"]
    assert set(asked(second)[2:]) == {"conditions"}
    assert asked(third) == []
    raw = set(store.partition_states(AssetKey("raw_orders")))
    fct = set(store.partition_states(AssetKey("fct_orders")))
    assert len(raw) == 2
    assert max(raw) in fct
    assert fct <= raw
    assert {run.status for run in store.runs(limit=100)} == {"succeeded"}
    store.close()
