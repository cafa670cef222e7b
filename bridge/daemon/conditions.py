"""The duty of automation conditions: ask them when something happened, or time may have told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.automation.cursor import AutomationCursor
from bridge.automation.deciding import Decision, has_conditions
from bridge.automation_facts import decide
from bridge.backfills.cut import WHOLE, Cut
from bridge.backfills.packing import PlannedRun, packed, packed_by_partition
from bridge.checks import AssetCheckKey
from bridge.daemon.background import Background, Ended
from bridge.daemon.house import Happening, House, is_on
from bridge.daemon.instigators import said_by
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.partitions import PartitionsSubset
from bridge.runs import Run, RunTarget, derived_run_id
from bridge.store import InstigatorState, Tick

CONDITIONS = "conditions"
ORIGIN = "automation"
_LOOK_EVERY = timedelta(seconds=1)  # whether they were turned on or off
_NEVER = timedelta(days=1)
_TIMEOUT_S = 600.0
_AFTER_FAILURE = timedelta(seconds=10)
_REST = 3  # asking takes at most a quarter of the time, however large the graph
_NAMED_RUNS = 3


@dataclass(frozen=True, slots=True)
class _Asked:
    state: InstigatorState
    now: datetime


class Conditions:
    """Asks all conditions at once, in a thread; what they request is queued with the new cursor.

    They are asked after every change, and at every full minute: cron ticks, windows and deadlines
    come with time alone. An evaluation that changes nothing leaves no trace.
    """

    name = "conditions"

    def __init__(self, house: House) -> None:
        self._house = house
        self._has_some = has_conditions(house.declared_graph)
        self._background: Background[Decision] = Background(house.wake.set)
        self._asked: _Asked | None = None
        self._due: datetime | None = None
        self._resting_until: datetime | None = None
        self._is_wanted = True

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being asked, and nothing is left to ask about."""
        return self._background.is_idle and not (self._has_some and self._is_wanted)

    def __call__(self, now: datetime, *, changed: bool) -> datetime:
        """Ask, where it is time."""
        if not self._has_some:
            return now + _NEVER
        for ended in self._background.ended():
            self._note(ended, now)
        self._is_wanted = self._is_wanted or changed or (self._due is not None and self._due <= now)
        if self._background.is_busy(CONDITIONS):
            return now + _LOOK_EVERY
        if not self._is_wanted:
            return self._due or now
        if self._resting_until is not None and now < self._resting_until:
            return self._resting_until
        state = self._state(now)
        self._is_wanted = False
        self._due = _next_minute(now)
        if is_on(state, by_default=True):
            self._start(state, now)
        return self._due

    def _state(self, now: datetime) -> InstigatorState:
        states = self._house.store.instigators("conditions")
        if CONDITIONS not in states:
            self._house.store.meet_instigators([(CONDITIONS, "conditions")], now=now)
            states = self._house.store.instigators("conditions")
        return states[CONDITIONS]

    def _start(self, state: InstigatorState, now: datetime) -> None:
        store, graph = self._house.store, self._house.declared_graph
        self._asked = _Asked(state, now)
        self._background.start(
            CONDITIONS, lambda: decide(store, graph, state.cursor, now), _TIMEOUT_S
        )

    def _note(self, ended: Ended[Decision], now: datetime) -> None:
        asked = self._asked
        assert asked is not None  # noqa: S101 - it was started
        self._resting_until = now + timedelta(seconds=ended.took_s * _REST)
        if ended.value is not None:
            self._note_decision(asked, ended.value, now, ended.took_s)
            return
        late = f"not decided within {_TIMEOUT_S:g} s"
        message = late if ended.error is None else said_by(ended.error)
        tick = _tick(asked, now, ended.took_s, status="failure", message=message)
        is_news = (asked.state.last_status, asked.state.last_message) != ("failure", message)
        cursor = asked.state.cursor
        self._house.store.record_tick(tick, expected=asked.state, cursor=cursor, is_noted=is_news)
        if is_news:
            self._house.report(Happening(what="failed", who=CONDITIONS, text=message))
        self._resting_until = now + _AFTER_FAILURE

    def _note_decision(
        self, asked: _Asked, decision: Decision, now: datetime, took_s: float
    ) -> None:
        runs = requested_runs(decision, self._house.graph(), asked.state, asked.now)
        before = asked.state.cursor
        is_same = before is not None and _is_same(before, decision.cursor)
        if not runs and is_same and not decision.has_ticked:
            return
        tick = _tick(
            asked,
            now,
            took_s,
            status="success" if runs else "skipped",
            run_ids=tuple(run.id for run in runs),
        )
        is_noted = self._house.store.record_tick(
            tick,
            expected=asked.state,
            cursor=decision.cursor.dump(),
            runs=runs,
            is_noted=bool(runs),
        )
        if is_noted and runs:
            self._house.report(
                Happening(what="queued", who=CONDITIONS, text=_in_words(runs), run_ids=tick.run_ids)
            )


def requested_runs(
    decision: Decision, graph: AssetGraph, state: InstigatorState, now: datetime
) -> list[Run]:
    """What a decision requests as runs: assets that are cut alike go together by partition.

    Where all that belong together may be computed for several partitions at once, ranges are one
    run, as their policy says. Checks of assets that are not computed are a run of their own.
    """
    cut = Cut(graph, now)
    wanted = {
        key: cut.some(key, [WHOLE if name is None else name for name in found.keys])
        for key, found in decision.assets.items()
    }
    found = [
        _run(state, now, number, planned)
        for number, planned in enumerate(
            each for some in _together(wanted, graph) for each in _packed(cut, some)
        )
    ]
    alone = [check for check in decision.checks if check.asset_key not in wanted]
    for (_, partition), checks in _by_partition(alone, graph, now).items():
        names = ", ".join(f"{check.asset_key}:{check.name}" for check in checks)
        request = f"{now.isoformat()} {state.version} checks {names} {partition}"
        found.append(
            Run(
                id=derived_run_id(ORIGIN, request),
                status="queued",
                created_at=now + timedelta(microseconds=len(found)),
                target=RunTarget(checks=tuple(checks), partition=partition),
                selection=names,
                origin=ORIGIN,
            )
        )
    return found


def _by_partition(
    checks: Iterable[AssetCheckKey], graph: AssetGraph, now: datetime
) -> dict[tuple[str, str | None], list[AssetCheckKey]]:
    """Checks that one run can ask: those about partitions look at the newest that exists."""
    found: dict[tuple[str, str | None], list[AssetCheckKey]] = {}
    for check in checks:
        node = graph.nodes[check.asset_key]
        definition = node.spec.partitions_def
        if definition is None or any(
            spec.name == check.name and spec.whole_asset for spec in node.check_specs
        ):
            found.setdefault(("", None), []).append(check)
            continue
        newest = definition.latest(now)
        if newest is not None:
            found.setdefault((str(definition.describe()), newest), []).append(check)
    return found


def _run(state: InstigatorState, now: datetime, number: int, planned: PlannedRun) -> Run:
    names = ", ".join(map(str, planned.assets))
    return Run(
        id=derived_run_id(ORIGIN, f"{now.isoformat()} {state.version} {names} {planned.partition}"),
        status="queued",
        created_at=now + timedelta(microseconds=number),
        target=RunTarget(assets=planned.assets, partition=planned.partition),
        selection=names,
        origin=ORIGIN,
    )


def _packed(cut: Cut, wanted: dict[AssetKey, PartitionsSubset]) -> tuple[PlannedRun, ...]:
    first = next(iter(wanted))
    may_be_ranges = all(
        not cut.takes_one(key) and cut.policy(key) == cut.policy(first) and some == wanted[first]
        for key, some in wanted.items()
    )
    return packed(cut, wanted) if may_be_ranges else packed_by_partition(cut, wanted)


def _together(
    wanted: dict[AssetKey, PartitionsSubset], graph: AssetGraph
) -> Iterable[dict[AssetKey, PartitionsSubset]]:
    """Those that read each other, which a run computes in order; each such group in turn."""
    left = dict(wanted)
    while left:
        todo, group = [next(iter(left))], set[AssetKey]()
        while todo:
            key = todo.pop()
            if key in left and key not in group:
                group.add(key)
                todo += [*graph.upstream(key), *graph.downstream(key)]
        yield {key: left.pop(key) for key in list(left) if key in group}


def _is_same(before: str, after: AutomationCursor) -> bool:
    """Whether two cursors differ in their time only."""
    known = AutomationCursor.parse(before)
    return known.at is not None and replace(after, at=known.at).dump() == before


def _tick(
    asked: _Asked,
    now: datetime,
    took_s: float,
    *,
    status: str,
    message: str | None = None,
    run_ids: tuple[str, ...] = (),
) -> Tick:
    return Tick(
        name=CONDITIONS,
        kind="conditions",
        happened_at=asked.now,
        status=status,  # type: ignore[arg-type]
        evaluated_at=now,
        duration_s=round(took_s, 6),
        run_ids=run_ids,
        message=message,
    )


def _in_words(runs: list[Run]) -> str:
    shown = "; ".join(
        f"{run.selection}{f' {run.target.partition}' if run.target.partition else ''} in {run.id}"
        for run in runs[:_NAMED_RUNS]
    )
    more = len(runs) - _NAMED_RUNS
    return shown if more <= 0 else f"{shown} and {more:,} more runs"


def _next_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)
