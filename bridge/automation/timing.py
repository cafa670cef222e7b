"""When a condition became true, for those that know: updates, requests, ticks, and who asks them.

As in Dagster 1.13: what joins several conditions does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

from bridge.automation.world import Seen, World
from bridge.checks import AssetCheckKey
from bridge.conditions import (
    AssetMatches,
    AutomationCondition,
    CronTickPassed,
    DepsMatch,
    Operand,
    Since,
)
from bridge.keys import AssetKey

# A partition is in the set of the time at which it was last updated, requested, and so on.
_Times: TypeAlias = Mapping[datetime, int]


def later(
    world: World, trigger: AutomationCondition, reset: AutomationCondition, seen: Seen
) -> int:
    """What the trigger became true for after the reset did; nothing where either does not know."""
    set_at, reset_at = _times(world, trigger, seen), _times(world, reset, seen)
    if not set_at or not reset_at:
        return 0
    found = 0
    for moment, bits in set_at.items():
        left = bits
        for other, others in reset_at.items():
            if other >= moment:
                left &= ~others
        found |= left
    return found


def _times(world: World, condition: AutomationCondition, seen: Seen) -> _Times:
    if isinstance(condition, Since):
        return _times(world, condition.trigger, seen)
    if isinstance(condition, CronTickPassed):
        return {world.last_tick(condition.cron_schedule, condition.cron_timezone): seen.full}
    if isinstance(condition, Operand):
        return _times_of_fact(world, condition, seen)
    if isinstance(condition, AssetMatches):
        return _times_across(world, condition.operand, seen, [condition.key])
    if isinstance(condition, DepsMatch) and condition.quantifier == "any":
        keys = world.reads(seen.entity, condition)
        return _times_across(world, condition.operand, seen, keys)
    return {}


def _times_of_fact(world: World, condition: Operand, seen: Seen) -> _Times:
    if condition.fact == "newly_requested" and world.cursor.at is not None:
        return {world.cursor.at: world.known("newly_requested", seen)}
    if condition.fact != "newly_updated" or isinstance(seen.entity, AssetCheckKey):
        return {}
    by_time: dict[datetime, list[str | None]] = {}
    for partition, update in world.facts.updates(seen.entity).items():
        by_time.setdefault(update.happened_at, []).append(partition)
    return {moment: seen.partitions.of_names(names) for moment, names in by_time.items()}


def _times_across(
    world: World, condition: AutomationCondition, seen: Seen, keys: Iterable[AssetKey]
) -> _Times:
    merged: dict[datetime, int] = {}
    for key in keys:
        way = world.crossing(seen.entity, key)
        for moment, bits in _times(world, condition, world.seen(key)).items():
            merged[moment] = merged.get(moment, 0) | way.down(bits)
    return merged
