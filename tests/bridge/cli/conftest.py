"""A small project in a folder of its own, and the command line called on it."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import bridge
from bridge.cli import main

ORDERS = """
    from bridge import AssetCheckResult, DailyPartitionsDefinition, Definitions, asset, asset_check

    daily = DailyPartitionsDefinition("2026-11-01", end_date="2026-11-11")


    @asset(group_name="raw", kinds=["python"], owners=["team:sales"])
    def raw_orders() -> list[dict]:
        return [{"id": 1, "status": "completed"}, {"id": 2, "status": "open"}]


    @asset(key_prefix="marts", group_name="marts", deps=[raw_orders])
    def orders(raw_orders) -> list[dict]:
        return [order for order in raw_orders if order["status"] == "completed"]


    @asset_check(asset=orders)
    def has_rows(orders):
        return AssetCheckResult(passed=len(orders) > 0, description="no rows at all")


    @asset(group_name="marts", partitions_def=daily)
    def daily_orders(context, orders) -> dict:
        return {context.partition_key: len(orders)}


    defs = Definitions(assets=[raw_orders, orders, daily_orders], asset_checks=[has_rows])
"""


@dataclass(frozen=True)
class Outcome:
    """What one command printed and ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Outcome]
NewProject = Callable[[str], Path]


@pytest.fixture
def new_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NewProject:
    """Write definitions into a folder, and go there."""
    for name in ("BRIDGE_PROJECT", "BRIDGE_STORE", "BRIDGE_STORAGE", "BRIDGE_DEFINITIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("BRIDGE_AIRFLOW_INSTANCE", raising=False)

    def write(definitions: str) -> Path:
        (tmp_path / "bridge.toml").write_text('definitions = ["assets.py"]\n')
        (tmp_path / "assets.py").write_text(textwrap.dedent(definitions))
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return write


@pytest.fixture
def orders(new_project: NewProject) -> Path:
    """The folder of a project with three assets in a row, the last with ten daily partitions."""
    return new_project(ORDERS)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call the command line with these words, and with adapters of the test's own."""
    monkeypatch.setattr(sys, "argv", ["test"])
    monkeypatch.setattr(sys, "path", list(sys.path))  # a project's root is added to it

    def call(*words: str, adapters: Sequence[object] = ()) -> Outcome:
        capsys.readouterr()
        code = main(words, adapters=adapters)
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return call


@pytest.fixture
def environment() -> dict[str, str]:
    """What a process of its own gets that runs `python -m bridge`."""
    left_out = ("NO_COLOR", "COLUMNS", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    root = Path(bridge.__file__).parent.parent
    return kept | {"PYTHONPATH": str(root), "TERM": "xterm-256color"}


@pytest.fixture
def lines() -> Callable[[str], list[str]]:
    """Lines of a text without what pads them."""
    return lambda text: [line.rstrip() for line in text.rstrip().splitlines()]
