"""Sensors that look at materializations in our store: of one asset, or of several."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.automation.contexts import SensorEvaluationContext
from bridge.automation.jobs import JobDefinition, Selectable, settled_targets
from bridge.automation.requests import SensorResult, SkipReason, settled_answer
from bridge.automation.sensors import (
    DefaultSensorStatus,
    Evaluation,
    SensorDefinition,
    sensor_of,
)
from bridge.errors import DefinitionError
from bridge.events import RecordedEvent
from bridge.keys import AssetKey, CoercibleToAssetKey, coerce_keys
from bridge.places import user_place


def asset_sensor(
    asset_key: CoercibleToAssetKey,
    *,
    job_name: str | None = None,
    name: str | None = None,
    minimum_interval_seconds: float | None = None,
    description: str | None = None,
    job: JobDefinition | None = None,
    jobs: Sequence[JobDefinition] | None = None,
    target: JobDefinition | Selectable | Sequence[Selectable] | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
) -> Callable[[Callable[..., Any]], SensorDefinition]:
    """Make a function a sensor that is asked when an asset was materialized.

    It may take `context`, the materialization (a RecordedEvent), and resources by name. Of several
    materializations since the last look it gets the newest; none is too fast to be noticed.
    """
    place = user_place()
    key = AssetKey.from_coercible(asset_key)

    def decorate(function: Callable[..., Any]) -> SensorDefinition:
        return sensor_of(
            function,
            look=_Newest(key),
            name=name,
            interval=minimum_interval_seconds,
            description=description,
            default_status=default_status,
            extra=1,
            watches_store=True,
            targets=settled_targets(
                "Sensor",
                name or function.__name__,
                place,
                job=job,
                job_name=job_name,
                target=target,
                jobs=jobs or (),
            ),
        )

    return decorate


@dataclass(frozen=True, slots=True)
class _Newest:
    """Asks the function where there is a materialization that it has not been told of."""

    key: AssetKey

    def __call__(self, sensor: SensorDefinition, context: SensorEvaluationContext) -> Evaluation:
        found = context.instance.get_materializations(self.key, limit=_LOOKED_AT)
        newest = max(found, key=lambda each: each.sequence, default=None)
        if newest is None or newest.sequence <= int(context.cursor or 0):
            nothing = SkipReason(f"no new materialization of {self.key}")
            return Evaluation(result=SensorResult(skip_reason=nothing), cursor=context.cursor)
        answer = settled_answer(sensor.function.ask(context, newest), f"Sensor {sensor.name}")
        return Evaluation(result=answer, cursor=str(newest.sequence))


# The log is by when things happened; what was learned last is among those that happened last,
# unless somebody reports an older past than this many materializations.
_LOOKED_AT = 50


@dataclass(slots=True, kw_only=True)
class MultiAssetSensorEvaluationContext(SensorEvaluationContext):
    """The first argument of a multi-asset sensor's function.

    What it was told of and does not advance over, it is told of again.
    """

    asset_keys: tuple[AssetKey, ...] = ()
    positions: dict[AssetKey, int] = field(default_factory=dict)

    def latest_materialization_records_by_key(
        self, asset_keys: Sequence[CoercibleToAssetKey] | None = None
    ) -> dict[AssetKey, RecordedEvent | None]:
        """The newest materialization of each asset that is past its position, else None."""
        keys = self.asset_keys if asset_keys is None else coerce_keys(asset_keys)
        return {key: self._newest(key) for key in keys}

    def latest_materialization_records_by_partition(
        self, asset_key: CoercibleToAssetKey
    ) -> dict[str, RecordedEvent]:
        """The newest materialization of each partition of an asset that is past its position."""
        found: dict[str, RecordedEvent] = {}
        for each in self._new(AssetKey.from_coercible(asset_key)):
            if each.event.partition is not None:
                known = found.get(each.event.partition)
                if known is None or known.sequence < each.sequence:
                    found[each.event.partition] = each
        return found

    def advance_cursor(self, records: Mapping[AssetKey, RecordedEvent | None]) -> None:
        """Be done with these materializations and all before."""
        for key, record in records.items():
            if record is not None:
                self.positions[key] = max(self.positions.get(key, 0), record.sequence)

    def advance_all_cursors(self) -> None:
        """Be done with everything that there is now."""
        self.advance_cursor(self.latest_materialization_records_by_key())

    def _new(self, key: AssetKey) -> list[RecordedEvent]:
        position = self.positions.get(key, 0)
        found = self.instance.get_materializations(key, limit=_PARTITIONS_LOOKED_AT)
        return [each for each in found if each.sequence > position]

    def _newest(self, key: AssetKey) -> RecordedEvent | None:
        return max(self._new(key), key=lambda each: each.sequence, default=None)


_PARTITIONS_LOOKED_AT = 1000


def multi_asset_sensor(
    monitored_assets: Sequence[CoercibleToAssetKey],
    *,
    job_name: str | None = None,
    name: str | None = None,
    minimum_interval_seconds: float | None = None,
    description: str | None = None,
    job: JobDefinition | None = None,
    jobs: Sequence[JobDefinition] | None = None,
    target: JobDefinition | Selectable | Sequence[Selectable] | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
) -> Callable[[Callable[..., Any]], SensorDefinition]:
    """Make a function a sensor that looks at the materializations of several assets.

    It takes `context`, a MultiAssetSensorEvaluationContext, which keeps a position for each asset,
    and resources by name.
    """
    place = user_place()
    keys = coerce_keys(monitored_assets)
    if not keys:
        raise DefinitionError(
            f"multi_asset_sensor(monitored_assets=[]) looks at nothing. At {place}"
        )

    def decorate(function: Callable[..., Any]) -> SensorDefinition:
        return sensor_of(
            function,
            look=_Several(keys),
            name=name,
            interval=minimum_interval_seconds,
            description=description,
            default_status=default_status,
            watches_store=True,
            targets=settled_targets(
                "Sensor",
                name or function.__name__,
                place,
                job=job,
                job_name=job_name,
                target=target,
                jobs=jobs or (),
            ),
        )

    return decorate


@dataclass(frozen=True, slots=True)
class _Several:
    """Asks the function with a position for each asset, kept in the cursor."""

    keys: tuple[AssetKey, ...]

    def __call__(self, sensor: SensorDefinition, context: SensorEvaluationContext) -> Evaluation:
        known = json.loads(context.cursor or "{}")
        several = MultiAssetSensorEvaluationContext(
            name=context.name,
            given=context.given,
            store=context.store,
            log=context.log,
            last_run_key=context.last_run_key,
            last_tick_completion_time=context.last_tick_completion_time,
            asset_keys=self.keys,
            positions={key: known[str(key)] for key in self.keys if str(key) in known},
        )
        answer = settled_answer(sensor.function.ask(several), f"Sensor {sensor.name}")
        positions = {str(key): place for key, place in sorted(several.positions.items())}
        return Evaluation(result=answer, cursor=json.dumps(positions) if positions else None)
