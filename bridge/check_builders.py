"""Ready-made checks: freshness by age and by partition, changes of columns, bounds of metadata.

What each decides is in `bridge.check_verdicts`; the functions here read the history through
`context.instance`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, TypeAlias

from bridge.arguments import Arguments
from bridge.assets import AssetsDefinition
from bridge.calendar import ticks
from bridge.check_verdicts import (
    Bounds,
    Found,
    by_age,
    by_bounds,
    by_columns,
    by_partition,
    columns_of,
)
from bridge.checks import (
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
)
from bridge.context import AssetExecutionContext
from bridge.errors import DefinitionError, PartitionError
from bridge.events import PlainValue, is_tagged
from bridge.keys import AssetKey, CoercibleToAssetKey
from bridge.metadata import MetadataValue
from bridge.partitions import PartitionsDefinition, TimeWindowPartitionsDefinition
from bridge.places import calling_place
from bridge.specs import AssetSpec

Checked: TypeAlias = "AssetsDefinition | AssetSpec | CoercibleToAssetKey"
_Answer: TypeAlias = "Callable[[AssetExecutionContext, datetime], Found]"
_LAST_UPDATED = ("last_updated", "dagster/last_updated_timestamp")
_NO_NAME = re.compile(r"\W")


def build_last_update_freshness_checks(
    *,
    assets: Iterable[Checked],
    lower_bound_delta: timedelta,
    deadline_cron: str | None = None,
    timezone: str = "UTC",
    severity: AssetCheckSeverity = AssetCheckSeverity.WARN,
    blocking: bool = False,
) -> list[AssetChecksDefinition]:
    """A check an asset that passes while it was updated at most `lower_bound_delta` before the last
    tick of `deadline_cron`, before now without one.

    An update is a materialization, or an observation with `last_updated` in its metadata. Of an
    asset cut by time the newest window counts. Raises DefinitionError for what is no schedule.
    """
    if deadline_cron is not None:
        _require_schedule(deadline_cron, timezone)

    def builder(key: AssetKey) -> _Answer:
        def answer(context: AssetExecutionContext, now: datetime) -> Found:
            tick = None if deadline_cron is None else _last_tick(deadline_cron, timezone, now)
            return by_age(_last_update(context, key, now), tick, lower_bound_delta, now)

        return answer

    return _checks(
        assets,
        "freshness_check",
        "Whether the asset was updated in time.",
        builder,
        severity=severity,
        blocking=blocking,
        whole_asset=True,
    )


def build_time_partition_freshness_checks(
    *,
    assets: Iterable[Checked],
    deadline_cron: str,
    timezone: str = "UTC",
    severity: AssetCheckSeverity = AssetCheckSeverity.WARN,
    blocking: bool = False,
) -> list[AssetChecksDefinition]:
    """A check an asset that passes while the newest partition there was at the last tick of
    `deadline_cron` is materialized or observed.

    Raises DefinitionError for what is no schedule, or, where the asset itself is given, has no
    partitions that are windows of time.
    """
    _require_schedule(deadline_cron, timezone)
    wanted = list(assets)
    for each in wanted:
        for spec in _specs(each):
            _require_windows(spec.partitions_def, spec.key)

    def builder(key: AssetKey) -> _Answer:
        def answer(context: AssetExecutionContext, now: datetime) -> Found:
            definition = _require_windows(context.partitions_def, key)
            tick = _last_tick(deadline_cron, timezone, now)
            expected = definition.latest(tick)
            is_there = expected is None or _has_partition(context, key, expected)
            known = bool(context.instance.get_materializations(key, limit=1))
            return by_partition(expected, tick, is_there=is_there, is_known=known)

        return answer

    return _checks(
        wanted,
        "freshness_check",
        "Whether the newest partition is there in time.",
        builder,
        severity=severity,
        blocking=blocking,
        whole_asset=True,
    )


def build_column_schema_change_checks(
    *, assets: Iterable[Checked], severity: AssetCheckSeverity = AssetCheckSeverity.WARN
) -> list[AssetChecksDefinition]:
    """A check an asset that passes while its last two materializations have the same columns.

    They say them in their metadata, as `column_schema` (or `dagster/column_schema`): a TableSchema.
    """

    def builder(key: AssetKey) -> _Answer:
        def answer(context: AssetExecutionContext, _now: datetime) -> Found:
            newest = context.instance.get_materializations(key, limit=2)
            return by_columns([columns_of(each.event.metadata) for each in newest])

        return answer

    return _checks(
        assets,
        "column_schema_change",
        "Whether the columns are those of the materialization before.",
        builder,
        severity=severity,
        whole_asset=True,
    )


def build_metadata_bounds_checks(
    *,
    assets: Iterable[Checked],
    metadata_key: str,
    min_value: float | None = None,
    max_value: float | None = None,
    exclusive_min: bool = False,
    exclusive_max: bool = False,
    severity: AssetCheckSeverity = AssetCheckSeverity.WARN,
) -> list[AssetChecksDefinition]:
    """A check an asset that passes while a number in the metadata of its last materialization is
    within bounds; of a partition, where one is checked.

    Raises DefinitionError without bounds, and for bounds that leave nothing.
    """
    if min_value is None and max_value is None:
        raise DefinitionError(
            f"build_metadata_bounds_checks({metadata_key!r}): give min_value or max_value. "
            f"At {calling_place()}"
        )
    if min_value is not None and max_value is not None and min_value > max_value:
        raise DefinitionError(
            f"build_metadata_bounds_checks({metadata_key!r}): min_value {min_value} is greater "
            f"than max_value {max_value}. At {calling_place()}"
        )
    bounds = Bounds(min_value, max_value, exclusive_min, exclusive_max)

    def builder(key: AssetKey) -> _Answer:
        def answer(context: AssetExecutionContext, _now: datetime) -> Found:
            partition = context.partition_key if context.has_partition_key else None
            newest = context.instance.get_latest_materialization_event(key, partition)
            return by_bounds(None if newest is None else newest.metadata, metadata_key, bounds)

        return answer

    return _checks(
        assets,
        f"{_NO_NAME.sub('_', metadata_key)}_bounds_check",
        f"Whether {metadata_key} is {bounds}.",
        builder,
        severity=severity,
    )


def _checks(
    assets: Iterable[Checked],
    name: str,
    description: str,
    builder: Callable[[AssetKey], _Answer],
    *,
    severity: AssetCheckSeverity,
    blocking: bool = False,
    whole_asset: bool = False,
) -> list[AssetChecksDefinition]:
    place = calling_place(3)
    keys = [key for each in assets for key in _keys(each)]
    for key in keys:
        if keys.count(key) > 1:
            raise DefinitionError(f"{name} is asked for {key} twice. At {place}")

    def made(key: AssetKey) -> AssetChecksDefinition:
        answer = builder(key)

        def function(context: AssetExecutionContext) -> AssetCheckResult:
            found = answer(context, datetime.now(timezone.utc))
            return AssetCheckResult(
                found.passed,
                metadata=found.metadata,
                severity=severity,
                description=found.description,
            )

        spec = AssetCheckSpec(name, key, description, blocking=blocking, whole_asset=whole_asset)
        return AssetChecksDefinition((spec,), function, Arguments("context", {}), place)

    return [made(key) for key in keys]


def _keys(asset: Checked) -> tuple[AssetKey, ...]:
    specs = _specs(asset)
    if specs:
        return tuple(spec.key for spec in specs)
    key: Any = asset
    return (AssetKey.from_coercible(key),)


def _specs(asset: Checked) -> tuple[AssetSpec, ...]:
    if isinstance(asset, AssetsDefinition):
        return asset.specs
    return (asset,) if isinstance(asset, AssetSpec) else ()


def _require_windows(
    definition: PartitionsDefinition | None, key: AssetKey
) -> TimeWindowPartitionsDefinition:
    if isinstance(definition, TimeWindowPartitionsDefinition):
        return definition
    raise DefinitionError(
        f"{key} has no partitions that are windows of time, so that none is due at a time. Use "
        "build_last_update_freshness_checks."
    )


def _require_schedule(schedule: str, zone: str) -> None:
    try:
        ticks(schedule, zone)
    except PartitionError as error:
        raise DefinitionError(f"deadline_cron cannot be read: {error}") from error


def _last_tick(schedule: str, zone: str, now: datetime) -> datetime:
    return next(ticks(schedule, zone).until(now))


def _last_update(context: AssetExecutionContext, key: AssetKey, now: datetime) -> datetime | None:
    moments = [context.instance.last_materialized(key, now)]
    seen = context.instance.get_observations(key, limit=1)
    moments += [_observed(each.event.metadata) for each in seen]
    return max((moment for moment in moments if moment is not None), default=None)


def _observed(noted: Mapping[str, PlainValue]) -> datetime | None:
    """When the data was updated, as an observation says; it alone is no update."""
    for name in _LAST_UPDATED:
        if name in noted:
            stored = noted[name]
            typed = MetadataValue.read(stored).value if is_tagged(stored) else stored
            if isinstance(typed, (int, float)):
                return datetime.fromtimestamp(typed, timezone.utc)
    return None


def _has_partition(context: AssetExecutionContext, key: AssetKey, partition: str) -> bool:
    instance = context.instance
    return bool(
        instance.get_materializations(key, partition, limit=1)
        or instance.get_observations(key, partition, limit=1)
    )
