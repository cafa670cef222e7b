"""Which partitions of an asset are there and which failed, as sets: quick at 100,000 partitions.

Read from the summary that the store keeps as text, and from what has changed since.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial, reduce
from operator import or_
from typing import Literal, TypeAlias

from bridge.keys import AssetKey
from bridge.partitions import (
    MultiPartitionsDefinition,
    PartitionsDefinition,
    PartitionsSubset,
    TimeWindowPartitionsDefinition,
    consecutive,
    subset_from_value,
    subset_of_known,
)
from bridge.store import PartitionSummary, Store

PartitionWord: TypeAlias = Literal["materialized", "failed", "missing"]
# More changes than these are summarised: until then each read adds them up, at some 30 us each.
_MOST_CHANGES = 50
_NAMED = "named"
_FAILED, _MATERIALIZED = "failed", "materialized"
_STATES_OF = {_MATERIALIZED: (1, 3), _FAILED: (2, 3)}


@dataclass(frozen=True, slots=True)
class PartitionSets:
    """The partitions that were ever materialized, and those whose last attempt failed.

    Of those that can exist, whether they do yet or not.
    """

    materialized: PartitionsSubset
    failed: PartitionsSubset


@dataclass(frozen=True, slots=True)
class PartitionRun:
    """Partitions from `first` to `last` without a gap, `count` of them, all in one state.

    A failed one may have been materialized before.
    """

    first: str
    last: str
    count: int
    state: PartitionWord


def partition_runs(
    definition: PartitionsDefinition, sets: PartitionSets, now: datetime
) -> list[PartitionRun]:
    """All partitions that exist at `now`, in order; each run is a range that can be computed."""
    failed = sets.failed.existing(now)
    made = sets.materialized.existing(now)
    places = {key: place for place, key in enumerate(definition.keys(now))}
    states: tuple[tuple[PartitionWord, PartitionsSubset], ...] = (
        ("materialized", made - failed),
        ("failed", failed),
        ("missing", made.missing(now) - failed),
    )
    runs = [
        PartitionRun(first, last, places[last] - places[first] + 1, state)
        for state, subset in states
        for first, last in _ranges(definition, subset, now)
    ]
    return sorted(runs, key=lambda run: places[run.first])


def _ranges(
    definition: PartitionsDefinition, subset: PartitionsSubset, now: datetime
) -> list[tuple[str, str]]:
    if not isinstance(definition, MultiPartitionsDefinition):
        return subset.ranges(now)
    return [(run[0], run[-1]) for run in consecutive(definition, subset.keys(now), now)]


def materialized_subset(
    store: Store, key: AssetKey, definition: PartitionsDefinition, now: datetime
) -> PartitionsSubset:
    """The partitions that exist at `now` and were ever materialized; `.missing(now)` the others."""
    return partition_sets(store, {key: definition}, now)[key].materialized.existing(now)


def failed_subset(
    store: Store, key: AssetKey, definition: PartitionsDefinition, now: datetime
) -> PartitionsSubset:
    """The partitions that exist at `now` and whose last attempt failed, there before or not."""
    return partition_sets(store, {key: definition}, now)[key].failed.existing(now)


def partition_sets(
    store: Store, definitions: Mapping[AssetKey, PartitionsDefinition], now: datetime
) -> dict[AssetKey, PartitionSets]:
    """Both sets of each of these assets, in one read; `now` only says where most of them are."""
    cuts = {key: _cut(definition) for key, definition in definitions.items()}
    return {
        key: PartitionSets(*_merged(summary, definitions[key], now))
        for key, summary in store.partition_summaries(cuts).items()
    }


def keep_summaries(
    store: Store,
    definitions: Mapping[AssetKey, PartitionsDefinition],
    now: datetime,
    *,
    more_than: int = _MOST_CHANGES,
) -> None:
    """Bring the summaries of those of these assets up to date in which much has changed.

    For who has recorded much; all answers are right without it, only slower.
    """
    for key, count in store.unsummarised_counts().items():
        definition = definitions.get(key)
        if definition is not None and count > more_than:
            texts = partial(_texts, definition=definition, now=now)
            store.summarise_partitions(key, _cut(definition), texts)


def _merged(
    summary: PartitionSummary, definition: PartitionsDefinition, now: datetime
) -> tuple[PartitionsSubset, PartitionsSubset]:
    nothing = subset_of_known(definition, (), now)
    changed = {
        state: subset_of_known(definition, names, now) for state, names in summary.changed.items()
    }
    touched = reduce(or_, changed.values(), nothing)

    def of(text: str, name: str) -> PartitionsSubset:
        before = subset_from_value(definition, json.loads(text)) if text else nothing
        new = [changed[state] for state in _STATES_OF[name] if state in changed]
        return reduce(or_, new, before - touched)

    return of(summary.materialized, _MATERIALIZED), of(summary.failed, _FAILED)


def _texts(
    summary: PartitionSummary, *, definition: PartitionsDefinition, now: datetime
) -> tuple[str, str]:
    materialized, failed = _merged(summary, definition, now)
    return json.dumps(materialized.to_value()), json.dumps(failed.to_value())


def _cut(definition: PartitionsDefinition) -> str:
    """What a summary's text depends on: how windows are numbered; sets of names stay right."""
    if not isinstance(definition, TimeWindowPartitionsDefinition):
        return _NAMED
    return json.dumps(
        [
            definition.start.isoformat(),
            definition.cron_schedule,
            definition.timezone,
            definition.fmt,
            *map(str, definition.exclusions),
        ]
    )
