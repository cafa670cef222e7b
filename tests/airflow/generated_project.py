"""A small project whose generated DAGs the tests run, and how its files come to be."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.airflow.generate.files import generate_files, loaded
from adapters.airflow.generate.manifest import Manifest
from adapters.airflow.generate.plan import plan_dags
from bridge.definitions import load_code_locations
from bridge.project import Project, find_project

DAILY = "shop__assets"
REPORTS = "reports__assets"

_SETTINGS = """
definitions = ["{package}.definitions"]
store = "sqlite:///store.db"
generate = {{ form = "rendered"{more} }}
"""
_DEFINITIONS = '''
"""Orders by day, checked, and a report of all days. `behaviour.json` says what goes wrong."""
import json
import os
import signal
from pathlib import Path

from bridge import AssetCheckResult, DailyPartitionsDefinition, Definitions, asset, asset_check

FOLDER = Path(__file__).parents[1]
days = DailyPartitionsDefinition("2024-01-01", timezone="Europe/Zurich")


def behaves(name):
    return name in json.loads((FOLDER / "behaviour.json").read_text())


@asset(
    key_prefix="shop",
    group_name="shop",
    partitions_def=days,
    owners=["team:shop"],
    code_version="3",
)
def orders(context) -> list:
    """The orders of a day."""
    context.log.info("ordering for %s", context.partition_key)
    if behaves("killed"):
        os.kill(os.getpid(), signal.SIGTERM)
    if behaves("broken"):
        raise ValueError("the shop is closed")
    context.add_output_metadata({"day": context.partition_key})
    return [] if behaves("empty") else [3, 4]


@asset(key_prefix="shop", group_name="shop", partitions_def=days)
def refunds() -> list:
    return [1]


@asset(key_prefix="shop", group_name="shop", partitions_def=days)
def revenue(orders: list, refunds: list) -> int:
    return sum(orders) - sum(refunds)


@asset(key_prefix="reports", group_name="reports", deps=[revenue])
def rpt_days() -> int:
    return 1


@asset_check(asset=orders)
def has_orders(orders):
    return AssetCheckResult(passed=len(orders) > 0, description=f"{len(orders)} orders")


@asset_check(asset=refunds)
def few_refunds(refunds):
    return len(refunds) < 3


@asset_check(asset=refunds, blocking=True)
def some_refunds(refunds):
    return len(refunds) > 0


@asset_check(asset=revenue, blocking=False)
def is_large(revenue):
    return AssetCheckResult(passed=revenue > 100, description=f"{revenue} is little")


defs = Definitions(
    [orders, refunds, revenue, rpt_days], [has_orders, few_refunds, some_refunds, is_large]
)
'''


@dataclass(frozen=True)
class ShopProject:
    """The project's folder, and the files generated from it; `dags` is what is in these."""

    project: Project
    package: str
    dags: Manifest

    @property
    def rendered(self) -> dict[str, Path]:
        """The generated file of each DAG."""
        return {file.stem: file for file in sorted(self.project.generated.glob("*.py"))}

    def write_loader(self, folder: Path) -> Path:
        """The other form of the same DAGs in another folder: its only DAG file."""
        files = loaded(self.dags, folder)
        for file in files:
            file.path.write_text(file.text)
        (loader,) = (file.path for file in files if file.path.suffix == ".py")
        return loader

    def behave(self, *names: str) -> None:
        """What goes wrong from now on: empty, broken, killed."""
        (self.project.root / "behaviour.json").write_text(json.dumps(names))


def shop_project(
    folder: Path, package: str, definitions: str = _DEFINITIONS, settings: str = ""
) -> ShopProject:
    """Write the project below `folder`, its code as `package`, and generate its DAGs.

    `settings` are further ones of `generate`, as `fuse = []`.
    """
    (folder / package).mkdir(parents=True)
    (folder / package / "__init__.py").touch()
    (folder / package / "definitions.py").write_text(definitions)
    (folder / "bridge.toml").write_text(
        _SETTINGS.format(package=package, more=f", {settings}" if settings else "")
    )
    with pytest.MonkeyPatch.context() as patch:  # the shared Airflow of the session sets them
        for name in ("BRIDGE_PROJECT", "BRIDGE_STORE", "BRIDGE_DEFINITIONS"):
            patch.delenv(name, raising=False)
        project = find_project(folder)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        definitions = load_code_locations(project.definitions)
        graph = definitions.graph()
    finally:
        sys.path.remove(str(folder))
    automation = definitions.automation(graph)
    for file in generate_files(graph, project, automation).files:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_text(file.text)
    shop = ShopProject(project, package, plan_dags(graph, project, automation).manifest)
    shop.behave()
    return shop
