"""Data assets on one graph, run here or by Airflow: the public names, each loaded on first use."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bridge.arguments import (
        AssetIn,
    )
    from bridge.assets import AssetsDefinition, asset, observable_source_asset
    from bridge.automation.asset_sensors import (
        MultiAssetSensorEvaluationContext,
        asset_sensor,
        multi_asset_sensor,
    )
    from bridge.automation.contexts import (
        RunFailureSensorContext,
        RunStatusSensorContext,
        ScheduleEvaluationContext,
        SensorEvaluationContext,
        build_run_status_sensor_context,
        build_schedule_context,
        build_sensor_context,
    )
    from bridge.automation.jobs import (
        JobDefinition,
        define_asset_job,
    )
    from bridge.automation.partitioned import (
        build_schedule_from_partitioned_job,
    )
    from bridge.automation.requests import (
        RunRequest,
        SensorResult,
        SkipReason,
    )
    from bridge.automation.schedules import (
        DefaultScheduleStatus,
        ScheduleDefinition,
        schedule,
    )
    from bridge.automation.sensors import (
        DefaultSensorStatus,
        SensorDefinition,
        sensor,
    )
    from bridge.automation.status_sensors import (
        run_failure_sensor,
        run_status_sensor,
    )
    from bridge.automation_facts import (
        evaluate_automation_conditions,
    )
    from bridge.backfill_policy import BackfillPolicy
    from bridge.check_builders import (
        build_column_schema_change_checks,
        build_last_update_freshness_checks,
        build_metadata_bounds_checks,
        build_time_partition_freshness_checks,
    )
    from bridge.checks import (
        AssetCheckKey,
        AssetCheckResult,
        AssetChecksDefinition,
        AssetCheckSeverity,
        AssetCheckSpec,
        asset_check,
        multi_asset_check,
    )
    from bridge.conditions import (
        AutomationCondition,
    )
    from bridge.context import (
        AssetCheckExecutionContext,
        AssetExecutionContext,
        build_asset_context,
    )
    from bridge.definitions import (
        Definitions,
        load_definitions_from_current_module,
        load_definitions_from_module,
        load_definitions_from_modules,
        load_definitions_from_package_module,
        load_definitions_from_package_name,
    )
    from bridge.duckdb_io import (
        DuckDBIOManager,
    )
    from bridge.errors import (
        BridgeError,
        Failure,
        RetryRequested,
    )
    from bridge.events import (
        DataVersion,
    )
    from bridge.execution import (
        build_resources,
        materialize,
        observe,
    )
    from bridge.executors import (
        in_process_executor,
        multiprocess_executor,
    )
    from bridge.formats import (
        BytesFormat,
        Format,
    )
    from bridge.freshness import (
        FreshnessPolicy,
    )
    from bridge.graph import (
        AssetGraph,
    )
    from bridge.io import (
        FilesystemIOManager,
        InMemoryIOManager,
        InputContext,
        IOManager,
        OutputContext,
        UPathIOManager,
    )
    from bridge.keys import (
        AssetKey,
    )
    from bridge.loading import (
        apply_freshness_policy,
        load_asset_checks_from_current_module,
        load_asset_checks_from_modules,
        load_asset_checks_from_package_module,
        load_asset_checks_from_package_name,
        load_assets_from_current_module,
        load_assets_from_modules,
        load_assets_from_package_module,
        load_assets_from_package_name,
        map_asset_specs,
    )
    from bridge.metadata import (
        MetadataValue,
        TableColumn,
        TableColumnConstraints,
        TableColumnDep,
        TableColumnLineage,
        TableConstraints,
        TableRecord,
        TableSchema,
    )
    from bridge.multi import (
        AssetOut,
        multi_asset,
    )
    from bridge.ops import (
        OpDefinition,
        op,
    )
    from bridge.partitions import (
        AddDynamicPartitionsRequest,
        AllPartitionMapping,
        DailyPartitionsDefinition,
        DeleteDynamicPartitionsRequest,
        DimensionPartitionMapping,
        DynamicPartitionsDefinition,
        HourlyPartitionsDefinition,
        IdentityPartitionMapping,
        LastPartitionMapping,
        MonthlyPartitionsDefinition,
        MultiPartitionKey,
        MultiPartitionMapping,
        MultiPartitionsDefinition,
        MultiToSingleDimensionPartitionMapping,
        PartitionKeyRange,
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
    from bridge.reporting import (
        AssetCheckEvaluation,
        AssetMaterialization,
        AssetObservation,
        report,
    )
    from bridge.resources import (
        Config,
        ConfigurableIOManager,
        ConfigurableResource,
        EnvVar,
        InitResourceContext,
        ResourceParam,
    )
    from bridge.results import (
        MaterializeResult,
        ObserveResult,
        Output,
    )
    from bridge.retries import (
        Backoff,
        Jitter,
        RetryPolicy,
    )
    from bridge.specs import (
        AssetDep,
        AssetSpec,
    )
    from bridge.testing import (
        MemoryRunResult,
        ephemeral_store,
        materialize_to_memory,
    )

_MODULES = {
    "arguments": ("AssetIn",),
    "assets": (
        "AssetsDefinition",
        "asset",
        "observable_source_asset",
    ),
    "automation.asset_sensors": (
        "MultiAssetSensorEvaluationContext",
        "asset_sensor",
        "multi_asset_sensor",
    ),
    "automation.contexts": (
        "RunFailureSensorContext",
        "RunStatusSensorContext",
        "ScheduleEvaluationContext",
        "SensorEvaluationContext",
        "build_run_status_sensor_context",
        "build_schedule_context",
        "build_sensor_context",
    ),
    "automation.jobs": (
        "JobDefinition",
        "define_asset_job",
    ),
    "automation.partitioned": ("build_schedule_from_partitioned_job",),
    "automation.requests": (
        "RunRequest",
        "SensorResult",
        "SkipReason",
    ),
    "automation.schedules": (
        "DefaultScheduleStatus",
        "ScheduleDefinition",
        "schedule",
    ),
    "automation.sensors": (
        "DefaultSensorStatus",
        "SensorDefinition",
        "sensor",
    ),
    "automation_facts": ("evaluate_automation_conditions",),
    "automation.status_sensors": (
        "run_failure_sensor",
        "run_status_sensor",
    ),
    "backfill_policy": ("BackfillPolicy",),
    "check_builders": (
        "build_column_schema_change_checks",
        "build_last_update_freshness_checks",
        "build_metadata_bounds_checks",
        "build_time_partition_freshness_checks",
    ),
    "checks": (
        "AssetCheckKey",
        "AssetCheckResult",
        "AssetCheckSeverity",
        "AssetCheckSpec",
        "AssetChecksDefinition",
        "asset_check",
        "multi_asset_check",
    ),
    "conditions": ("AutomationCondition",),
    "context": (
        "AssetCheckExecutionContext",
        "AssetExecutionContext",
        "build_asset_context",
    ),
    "definitions": (
        "Definitions",
        "load_definitions_from_current_module",
        "load_definitions_from_module",
        "load_definitions_from_modules",
        "load_definitions_from_package_module",
        "load_definitions_from_package_name",
    ),
    "duckdb_io": ("DuckDBIOManager",),
    "errors": (
        "BridgeError",
        "Failure",
        "RetryRequested",
    ),
    "events": ("DataVersion",),
    "execution": (
        "build_resources",
        "materialize",
        "observe",
    ),
    "executors": (
        "in_process_executor",
        "multiprocess_executor",
    ),
    "formats": (
        "BytesFormat",
        "Format",
    ),
    "freshness": ("FreshnessPolicy",),
    "graph": ("AssetGraph",),
    "io": (
        "FilesystemIOManager",
        "IOManager",
        "InMemoryIOManager",
        "InputContext",
        "OutputContext",
        "UPathIOManager",
    ),
    "keys": ("AssetKey",),
    "loading": (
        "apply_freshness_policy",
        "load_asset_checks_from_current_module",
        "load_asset_checks_from_modules",
        "load_asset_checks_from_package_module",
        "load_asset_checks_from_package_name",
        "load_assets_from_current_module",
        "load_assets_from_modules",
        "load_assets_from_package_module",
        "load_assets_from_package_name",
        "map_asset_specs",
    ),
    "metadata": (
        "MetadataValue",
        "TableColumn",
        "TableColumnConstraints",
        "TableColumnDep",
        "TableColumnLineage",
        "TableConstraints",
        "TableRecord",
        "TableSchema",
    ),
    "multi": (
        "AssetOut",
        "multi_asset",
    ),
    "ops": (
        "OpDefinition",
        "op",
    ),
    "partitions": (
        "AddDynamicPartitionsRequest",
        "AllPartitionMapping",
        "DailyPartitionsDefinition",
        "DeleteDynamicPartitionsRequest",
        "DimensionPartitionMapping",
        "DynamicPartitionsDefinition",
        "HourlyPartitionsDefinition",
        "IdentityPartitionMapping",
        "LastPartitionMapping",
        "MonthlyPartitionsDefinition",
        "MultiPartitionKey",
        "MultiPartitionMapping",
        "MultiPartitionsDefinition",
        "MultiToSingleDimensionPartitionMapping",
        "PartitionKeyRange",
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
    "reporting": (
        "AssetCheckEvaluation",
        "AssetMaterialization",
        "AssetObservation",
        "report",
    ),
    "resources": (
        "Config",
        "ConfigurableIOManager",
        "ConfigurableResource",
        "EnvVar",
        "InitResourceContext",
        "ResourceParam",
    ),
    "results": (
        "MaterializeResult",
        "ObserveResult",
        "Output",
    ),
    "retries": (
        "Backoff",
        "Jitter",
        "RetryPolicy",
    ),
    "specs": (
        "AssetDep",
        "AssetSpec",
    ),
    "testing": (
        "MemoryRunResult",
        "ephemeral_store",
        "materialize_to_memory",
    ),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__version__ = "0.1.0"
__all__ = [
    "AddDynamicPartitionsRequest",
    "AllPartitionMapping",
    "AssetCheckEvaluation",
    "AssetCheckExecutionContext",
    "AssetCheckKey",
    "AssetCheckResult",
    "AssetCheckSeverity",
    "AssetCheckSpec",
    "AssetChecksDefinition",
    "AssetDep",
    "AssetExecutionContext",
    "AssetGraph",
    "AssetIn",
    "AssetKey",
    "AssetMaterialization",
    "AssetObservation",
    "AssetOut",
    "AssetSpec",
    "AssetsDefinition",
    "AutomationCondition",
    "BackfillPolicy",
    "Backoff",
    "BridgeError",
    "BytesFormat",
    "Config",
    "ConfigurableIOManager",
    "ConfigurableResource",
    "DailyPartitionsDefinition",
    "DataVersion",
    "DefaultScheduleStatus",
    "DefaultSensorStatus",
    "Definitions",
    "DeleteDynamicPartitionsRequest",
    "DimensionPartitionMapping",
    "DuckDBIOManager",
    "DynamicPartitionsDefinition",
    "EnvVar",
    "Failure",
    "FilesystemIOManager",
    "Format",
    "FreshnessPolicy",
    "HourlyPartitionsDefinition",
    "IOManager",
    "IdentityPartitionMapping",
    "InMemoryIOManager",
    "InitResourceContext",
    "InputContext",
    "Jitter",
    "JobDefinition",
    "LastPartitionMapping",
    "MaterializeResult",
    "MemoryRunResult",
    "MetadataValue",
    "MonthlyPartitionsDefinition",
    "MultiAssetSensorEvaluationContext",
    "MultiPartitionKey",
    "MultiPartitionMapping",
    "MultiPartitionsDefinition",
    "MultiToSingleDimensionPartitionMapping",
    "ObserveResult",
    "OpDefinition",
    "Output",
    "OutputContext",
    "PartitionKeyRange",
    "PartitionMapping",
    "PartitionsDefinition",
    "ResourceParam",
    "RetryPolicy",
    "RetryRequested",
    "RunFailureSensorContext",
    "RunRequest",
    "RunStatusSensorContext",
    "ScheduleDefinition",
    "ScheduleEvaluationContext",
    "SensorDefinition",
    "SensorEvaluationContext",
    "SensorResult",
    "SkipReason",
    "SpecificPartitionsPartitionMapping",
    "StaticPartitionMapping",
    "StaticPartitionsDefinition",
    "TableColumn",
    "TableColumnConstraints",
    "TableColumnDep",
    "TableColumnLineage",
    "TableConstraints",
    "TableRecord",
    "TableSchema",
    "TimeWindow",
    "TimeWindowPartitionMapping",
    "TimeWindowPartitionsDefinition",
    "UPathIOManager",
    "WeeklyPartitionsDefinition",
    "apply_freshness_policy",
    "asset",
    "asset_check",
    "asset_sensor",
    "build_asset_context",
    "build_column_schema_change_checks",
    "build_last_update_freshness_checks",
    "build_metadata_bounds_checks",
    "build_resources",
    "build_run_status_sensor_context",
    "build_schedule_context",
    "build_schedule_from_partitioned_job",
    "build_sensor_context",
    "build_time_partition_freshness_checks",
    "define_asset_job",
    "ephemeral_store",
    "evaluate_automation_conditions",
    "in_process_executor",
    "load_asset_checks_from_current_module",
    "load_asset_checks_from_modules",
    "load_asset_checks_from_package_module",
    "load_asset_checks_from_package_name",
    "load_assets_from_current_module",
    "load_assets_from_modules",
    "load_assets_from_package_module",
    "load_assets_from_package_name",
    "load_definitions_from_current_module",
    "load_definitions_from_module",
    "load_definitions_from_modules",
    "load_definitions_from_package_module",
    "load_definitions_from_package_name",
    "map_asset_specs",
    "materialize",
    "materialize_to_memory",
    "multi_asset",
    "multi_asset_check",
    "multi_asset_sensor",
    "multiprocess_executor",
    "observable_source_asset",
    "observe",
    "op",
    "report",
    "run_failure_sensor",
    "run_status_sensor",
    "schedule",
    "sensor",
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
