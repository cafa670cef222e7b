"""What of a target is not there yet, or failed the last time it was tried, as the store knows."""

from __future__ import annotations

from bridge.backfills.accounting import union
from bridge.backfills.cut import Cut, Subsets
from bridge.backfills.targets import limited
from bridge.materialized import partition_sets
from bridge.store import Store


def only(
    cut: Cut, target: Subsets, store: Store, *, missing: bool = False, failed: bool = False
) -> Subsets:
    """The part of a target that is missing or failed, as asked; all of it where neither is."""
    if not (missing or failed):
        return target
    states = store.asset_states([key for key in target if not cut.is_partitioned(key)])
    partitioned = {key: cut.definition(key) for key in target if cut.is_partitioned(key)}
    sets = partition_sets(store, partitioned, cut.now)
    absent, broken = {}, {}
    for key in target:
        if key in sets:
            absent[key] = cut.all(key) - sets[key].materialized.existing(cut.now)
            broken[key] = sets[key].failed.existing(cut.now)
            continue
        state = states.get(key)
        is_there = state is not None and state.materialized_at is not None
        has_failed = state is not None and state.activity == "failure"
        absent[key] = cut.none(key) if is_there else cut.all(key)
        broken[key] = cut.all(key) if has_failed else cut.none(key)
    return limited(target, union(absent if missing else {}, broken if failed else {}))
