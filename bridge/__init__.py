"""Data assets on one graph, run here or by Airflow: the public names, each loaded on first use."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bridge.assets import AssetsDefinition, AssetSpec, MaterializeResult, asset
    from bridge.checks import (
        AssetCheckResult,
        AssetChecksDefinition,
        AssetCheckSeverity,
        AssetCheckSpec,
        asset_check,
    )
    from bridge.context import (
        AssetCheckExecutionContext,
        AssetExecutionContext,
        build_asset_context,
    )
    from bridge.definitions import (
        Definitions,
        load_asset_checks_from_modules,
        load_assets_from_modules,
    )
    from bridge.errors import BridgeError
    from bridge.execution import materialize
    from bridge.freshness import FreshnessPolicy
    from bridge.graph import AssetGraph
    from bridge.io import (
        FilesystemIOManager,
        InMemoryIOManager,
        InputContext,
        IOManager,
        OutputContext,
    )
    from bridge.keys import AssetKey
    from bridge.partitions import (
        AllPartitionMapping,
        DailyPartitionsDefinition,
        DimensionPartitionMapping,
        DynamicPartitionsDefinition,
        HourlyPartitionsDefinition,
        IdentityPartitionMapping,
        LastPartitionMapping,
        MonthlyPartitionsDefinition,
        MultiPartitionMapping,
        MultiPartitionsDefinition,
        MultiToSingleDimensionPartitionMapping,
        PartitionMapping,
        PartitionsDefinition,
        SpecificPartitionsPartitionMapping,
        StaticPartitionMapping,
        StaticPartitionsDefinition,
        TimeWindow,
        TimeWindowPartitionMapping,
        TimeWindowPartitionsDefinition,
        WeeklyPartitionsDefinition,
    )

_MODULES = {
    "assets": ("AssetSpec", "AssetsDefinition", "MaterializeResult", "asset"),
    "checks": (
        "AssetCheckResult",
        "AssetCheckSeverity",
        "AssetCheckSpec",
        "AssetChecksDefinition",
        "asset_check",
    ),
    "context": ("AssetCheckExecutionContext", "AssetExecutionContext", "build_asset_context"),
    "definitions": ("Definitions", "load_asset_checks_from_modules", "load_assets_from_modules"),
    "errors": ("BridgeError",),
    "execution": ("materialize",),
    "freshness": ("FreshnessPolicy",),
    "graph": ("AssetGraph",),
    "io": (
        "FilesystemIOManager",
        "IOManager",
        "InMemoryIOManager",
        "InputContext",
        "OutputContext",
    ),
    "keys": ("AssetKey",),
    "partitions": (
        "AllPartitionMapping",
        "DailyPartitionsDefinition",
        "DimensionPartitionMapping",
        "DynamicPartitionsDefinition",
        "HourlyPartitionsDefinition",
        "IdentityPartitionMapping",
        "LastPartitionMapping",
        "MonthlyPartitionsDefinition",
        "MultiPartitionMapping",
        "MultiPartitionsDefinition",
        "MultiToSingleDimensionPartitionMapping",
        "PartitionMapping",
        "PartitionsDefinition",
        "SpecificPartitionsPartitionMapping",
        "StaticPartitionMapping",
        "StaticPartitionsDefinition",
        "TimeWindow",
        "TimeWindowPartitionMapping",
        "TimeWindowPartitionsDefinition",
        "WeeklyPartitionsDefinition",
    ),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__version__ = "0.1.0"
__all__ = [
    "AllPartitionMapping",
    "AssetCheckExecutionContext",
    "AssetCheckResult",
    "AssetCheckSeverity",
    "AssetCheckSpec",
    "AssetChecksDefinition",
    "AssetExecutionContext",
    "AssetGraph",
    "AssetKey",
    "AssetSpec",
    "AssetsDefinition",
    "BridgeError",
    "DailyPartitionsDefinition",
    "Definitions",
    "DimensionPartitionMapping",
    "DynamicPartitionsDefinition",
    "FilesystemIOManager",
    "FreshnessPolicy",
    "HourlyPartitionsDefinition",
    "IOManager",
    "IdentityPartitionMapping",
    "InMemoryIOManager",
    "InputContext",
    "LastPartitionMapping",
    "MaterializeResult",
    "MonthlyPartitionsDefinition",
    "MultiPartitionMapping",
    "MultiPartitionsDefinition",
    "MultiToSingleDimensionPartitionMapping",
    "OutputContext",
    "PartitionMapping",
    "PartitionsDefinition",
    "SpecificPartitionsPartitionMapping",
    "StaticPartitionMapping",
    "StaticPartitionsDefinition",
    "TimeWindow",
    "TimeWindowPartitionMapping",
    "TimeWindowPartitionsDefinition",
    "WeeklyPartitionsDefinition",
    "asset",
    "asset_check",
    "build_asset_context",
    "load_asset_checks_from_modules",
    "load_assets_from_modules",
    "materialize",
]


def __getattr__(name: str) -> Any:
    """A public name's own object, loading its module."""
    if name not in _HOMES:
        raise AttributeError(f"module 'bridge' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"bridge.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
