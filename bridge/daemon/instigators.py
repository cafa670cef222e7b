"""What schedules and sensors have in common: asking them, and noting a tick with its runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.automation.requests import SensorResult, SkipReason
from bridge.automation.wanted import Wisher, wanted_runs, with_requested_partitions
from bridge.daemon.background import Ended
from bridge.daemon.house import Happening, House
from bridge.definitions import user_traceback
from bridge.errors import BridgeError
from bridge.runs import Run
from bridge.store import InstigatorState, Tick

_MESSAGE_LENGTH = 4000
_QUIET = timedelta(minutes=1)  # how often it is noted that nothing changed
_NAMED_RUNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is being asked of somebody: for which time, from which state."""

    wisher: Wisher
    state: InstigatorState
    tick: datetime
    timeout_s: float
    passed_over: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of it."""

    result: SensorResult
    cursor: str | None = None
    has_more: bool = False


def note_answer(house: House, asked: Asked, answer: Answer, now: datetime, took_s: float) -> None:
    """Note a tick with the runs and partitions that it asks for; a wrong request is its failure."""
    result = answer.result
    try:
        graph = with_requested_partitions(
            house.graph(), result.dynamic_partitions_requests, house.known_partitions()
        )
        runs = wanted_runs(result.run_requests, asked.wisher, graph, tick=asked.tick, now=now)
    except BridgeError as error:
        note_failure(house, asked, str(error), now, took_s)
        return
    if asked.wisher.once_per_key and runs:
        known = house.store.known_run_ids(run.id for run in runs)
        runs = tuple(run for run in runs if run.id not in known)
    has_effect = bool(runs or result.dynamic_partitions_requests)
    message = _message(asked, result, has_effect=has_effect)
    tick = _tick(asked, "success" if has_effect else "skipped", message, now, took_s, runs)
    is_news = has_effect or (tick.status, message) != (
        asked.state.last_status,
        asked.state.last_message,
    )
    if asked.wisher.once_per_key and not is_news and _is_quiet(asked, answer, now):
        return
    keys = [request.run_key for request in result.run_requests if request.run_key is not None]
    is_noted = house.store.record_tick(
        tick,
        expected=asked.state,
        cursor=answer.cursor,
        run_key=keys[-1] if keys and runs else None,
        runs=runs,
        partitions=result.dynamic_partitions_requests,
        is_noted=is_news or not asked.wisher.once_per_key,
    )
    if is_noted and is_news:
        _tell(house, asked, tick, runs)


def note_failure(house: House, asked: Asked, message: str, now: datetime, took_s: float) -> None:
    """Note that asking failed; of a sensor that failed so before, only that it did again."""
    text = message[-_MESSAGE_LENGTH:]
    tick = _tick(asked, "failure", text, now, took_s, ())
    is_known = (asked.state.last_status, asked.state.last_message) == ("failure", text)
    is_news = not is_known or not asked.wisher.once_per_key
    is_noted = house.store.record_tick(
        tick,
        expected=asked.state,
        cursor=asked.state.cursor,
        is_noted=is_news,
    )
    if is_noted and is_news:
        house.report(Happening(what="failed", who=asked.wisher.name, text=text))


def note_ended(house: House, asked: Asked, ended: Ended[Answer], now: datetime) -> bool:
    """Note how a call of user code ended; True where there is more to ask at once."""
    if ended.is_late:
        late = f"did not answer within {asked.timeout_s:g} s; it is left to itself"
        note_failure(house, asked, late, now, ended.took_s)
    elif ended.error is not None:
        note_failure(house, asked, said_by(ended.error), now, ended.took_s)
    elif ended.value is not None:
        note_answer(house, asked, ended.value, now, ended.took_s)
        return ended.value.has_more
    return False


def said_by(error: BaseException) -> str:
    """An error of ours in its own words, a user's with where it came from."""
    return str(error) if isinstance(error, BridgeError) else user_traceback(error).strip()


def _is_quiet(asked: Asked, answer: Answer, now: datetime) -> bool:
    last = asked.state.last_evaluated_at
    return answer.cursor == asked.state.cursor and last is not None and now - last < _QUIET


def _message(asked: Asked, result: SensorResult, *, has_effect: bool) -> str | None:
    if asked.passed_over:
        times = "time" if asked.passed_over == 1 else "times"
        return f"{asked.passed_over:,} earlier {times} passed while nobody asked, not made up for"
    if has_effect:
        return None
    reason = result.skip_reason or SkipReason()
    if reason.skip_message:
        return reason.skip_message
    return "all that it asked for was asked for before" if result.run_requests else None


def _tick(
    asked: Asked,
    status: str,
    message: str | None,
    now: datetime,
    took_s: float,
    runs: tuple[Run, ...],
) -> Tick:
    return Tick(
        name=asked.state.name,
        kind=asked.state.kind,
        happened_at=asked.tick,
        status=status,  # type: ignore[arg-type]
        evaluated_at=now,
        duration_s=round(took_s, 6),
        run_ids=tuple(run.id for run in runs),
        message=message,
    )


def _tell(house: House, asked: Asked, tick: Tick, runs: tuple[Run, ...]) -> None:
    if tick.status == "skipped":
        if tick.message:
            house.report(Happening(what="skipped", who=asked.wisher.name, text=tick.message))
        return
    shown = ", ".join(
        f"{run.id}" + (f" {run.target.partition}" if run.target.partition else "")
        for run in runs[:_NAMED_RUNS]
    )
    more = f" and {len(runs) - _NAMED_RUNS:,} more" if len(runs) > _NAMED_RUNS else ""
    what = f"run {shown}{more}" if runs else "partitions changed"
    said = f"; {tick.message}" if tick.message else ""
    house.report(
        Happening(what="queued", who=asked.wisher.name, text=f"{what}{said}", run_ids=tick.run_ids)
    )
