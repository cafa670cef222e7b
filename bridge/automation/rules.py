"""What each kind of condition means: `Rule`s, by the class of the condition."""

from __future__ import annotations

from collections.abc import Callable

from bridge.automation.asking import Asking, Rule
from bridge.automation.timing import later
from bridge.automation.world import Seen
from bridge.checks import AssetCheckKey
from bridge.conditions import (
    AllOf,
    AnyDownstream,
    AnyOf,
    AssetMatches,
    AutomationCondition,
    ChecksMatch,
    CronTickPassed,
    DepsMatch,
    Fact,
    InLatestTimeWindow,
    NewlyTrue,
    Not,
    Operand,
    RunTags,
    Since,
)
from bridge.keys import AssetKey

# Nothing is new at the first evaluation.
_SINCE_BEFORE = frozenset({"newly_updated", "data_version_changed"})


def _all_of(asking: Asking, condition: AllOf, seen: Seen, asked: int) -> int:
    for child in condition.operands:
        if asked or asking.asks_everything or asking.shapes.remembers(child):
            asked &= asking.ask(child, seen, asked)
    return asked


def _any_of(asking: Asking, condition: AnyOf, seen: Seen, asked: int) -> int:
    true = 0
    for child in condition.operands:
        true |= asking.ask(child, seen, asked)
    return true


def _not(asking: Asking, condition: Not, seen: Seen, asked: int) -> int:
    return asked & ~asking.ask(condition.operand, seen, asked)


def _newly_true(asking: Asking, condition: NewlyTrue, seen: Seen, asked: int) -> int:
    place = asking.place(condition, seen)
    true = asking.ask(condition.operand, seen, seen.full)
    asking.remember(place, seen, true)
    return asked & true & ~asking.set_before(place, seen) if true else 0


def _since(asking: Asking, condition: Since, seen: Seen, asked: int) -> int:
    """What is set and reset at once is reset, unless both say when and it was set later."""
    place = asking.place(condition, seen)
    trigger = asking.ask(condition.trigger, seen, seen.full)
    reset = asking.ask(condition.reset, seen, seen.full)
    true = (asking.set_before(place, seen) | trigger) & ~reset
    both = trigger & reset
    if both:
        true |= both & later(asking.world, condition.trigger, condition.reset, seen)
    asking.remember(place, seen, true)
    return asked & true


def _deps_match(asking: Asking, condition: DepsMatch, seen: Seen, asked: int) -> int:
    true = asked if condition.quantifier == "all" else 0
    for key in asking.world.reads(seen.entity, condition):
        found = _across(asking, condition.operand, seen, key, asked)
        true = true & found if condition.quantifier == "all" else true | found
    return true


def _across(
    asking: Asking, condition: AutomationCondition, seen: Seen, key: AssetKey, asked: int
) -> int:
    """Those that read a partition for which the condition is true."""
    way = asking.world.crossing(seen.entity, key)
    found = asking.ask(condition, asking.world.seen(key), way.up(asked))
    return way.down(found) & asked if found else 0


def _checks_match(asking: Asking, condition: ChecksMatch, seen: Seen, asked: int) -> int:
    true = asked if condition.quantifier == "all" else 0
    if isinstance(seen.entity, AssetCheckKey):
        return 0
    for spec in asking.world.graph.nodes[seen.entity].check_specs:
        if condition.blocking_only and not spec.is_blocking:
            continue
        found = asking.ask(condition.operand, asking.world.seen(spec.key), int(asked > 0))
        whole = asked if found else 0
        true = true & whole if condition.quantifier == "all" else true | whole
    return true


def _asset_matches(asking: Asking, condition: AssetMatches, seen: Seen, asked: int) -> int:
    key, graph = condition.key, asking.world.graph
    is_user = not isinstance(seen.entity, AssetCheckKey) and key in graph.downstream(seen.entity)
    if not is_user:
        return _across(asking, condition.operand, seen, key, asked)
    way = asking.world.crossing(key, seen.entity)
    found = asking.ask(condition.operand, asking.world.seen(key), way.down(asked))
    return way.up(found) & asked if found else 0


def _any_downstream(asking: Asking, condition: AnyDownstream, seen: Seen, asked: int) -> int:
    """Each condition downstream, asked of this asset; those within them add nothing new."""
    if asking.is_downstream or isinstance(seen.entity, AssetCheckKey):
        return 0
    asking.is_downstream = True
    true = 0
    for each in asking.world.downstream_conditions(condition, seen.entity):
        true |= asking.ask(each, seen, asked)
    asking.is_downstream = False
    return true


def _run_tags(asking: Asking, condition: RunTags, seen: Seen, asked: int) -> int:
    if not asked or isinstance(seen.entity, AssetCheckKey):
        return 0
    facts, key = asking.world.facts, seen.entity

    def holds(run_id: str | None) -> bool:
        return run_id is not None and condition.holds(facts.run_tags(run_id))

    if condition.asked == "executed_with_tags":
        last = facts.last_run(key)
        found = [last[0]] if last is not None and holds(last[1]) else []
        return asked & seen.partitions.of_names(found)
    if asking.before is None:
        return 0
    each = any if condition.asked == "any_new_update_has_run_tags" else all
    updates = facts.updates(key).items()
    named = [name for name, new in updates if each(map(holds, (new.run_id, *new.earlier)))]
    return asked & seen.partitions.of_names(named)


def _cron_tick_passed(asking: Asking, condition: CronTickPassed, seen: Seen, asked: int) -> int:
    """A tick at the very time of an evaluation counts for it and for the next, as in Dagster:

    whoever waits for updates since then still has to hear of it.
    """
    at = asking.world.cursor.at
    if asking.before is None or at is None:
        return 0
    tick = asking.world.last_tick(condition.cron_schedule, condition.cron_timezone)
    return asked if tick >= at else 0


def _in_latest_time_window(
    asking: Asking, condition: InLatestTimeWindow, seen: Seen, asked: int
) -> int:
    place = str(condition.lookback_delta)
    if place not in seen.known:
        seen.known[place] = seen.partitions.latest(condition.lookback_delta)
    return asked & seen.known[place]


def _operand(asking: Asking, condition: Operand, seen: Seen, asked: int) -> int:
    rule = _ASKED_BY_ROOT.get(condition.fact)
    if rule is not None:
        return rule(asking, seen, asked)
    if not asked or (asking.before is None and condition.fact in _SINCE_BEFORE):
        return 0
    return asked & asking.world.known(condition.fact, seen)


def _initial_evaluation(asking: Asking, seen: Seen, asked: int) -> int:
    return asked if asking.before is None else 0


def _will_be_requested(asking: Asking, seen: Seen, asked: int) -> int:
    requested = asked & asking.world.requested.get(seen.entity, 0)
    return requested if requested and asking.world.runs_with(seen, asking.root) else 0


def _executed_with_root_target(asking: Asking, seen: Seen, asked: int) -> int:
    if not asked or seen is asking.root or isinstance(seen.entity, AssetCheckKey):
        return 0
    root = asking.root.entity
    target = root.asset_key if isinstance(root, AssetCheckKey) else root
    facts = asking.world.facts
    together = [
        partition
        for partition, update in facts.updates(seen.entity).items()
        if update.run_id is not None and target in facts.run_assets(update.run_id)
    ]
    return asked & seen.partitions.of_names(together)


def _code_version_changed(asking: Asking, seen: Seen, asked: int) -> int:
    if isinstance(seen.entity, AssetCheckKey):
        return 0
    place = seen.name
    now = asking.code_versions[place] = asking.world.graph.nodes[seen.entity].spec.code_version
    before = None if asking.before is None else asking.before.code_versions.get(place)
    return 0 if before in (None, now) else asked


# What depends on who asks, or must be noted each time.
_ASKED_BY_ROOT: dict[Fact, Callable[[Asking, Seen, int], int]] = {
    "initial_evaluation": _initial_evaluation,
    "code_version_changed": _code_version_changed,
    "will_be_requested": _will_be_requested,
    "executed_with_root_target": _executed_with_root_target,
}
RULES: dict[type, Rule] = {
    AllOf: _all_of,
    AnyOf: _any_of,
    Not: _not,
    NewlyTrue: _newly_true,
    Since: _since,
    DepsMatch: _deps_match,
    ChecksMatch: _checks_match,
    AssetMatches: _asset_matches,
    AnyDownstream: _any_downstream,
    CronTickPassed: _cron_tick_passed,
    InLatestTimeWindow: _in_latest_time_window,
    Operand: _operand,
    RunTags: _run_tags,
}
