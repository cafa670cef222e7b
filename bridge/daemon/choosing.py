"""Which runs of the queue may begin now. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from bridge.executors import TagLimit
from bridge.runs import Run

PRIORITY_TAG = "dagster/priority"  # the reference's name, so that jobs brought over keep theirs


def next_runs(
    waiting: Iterable[Run],
    under_way: Sequence[Run],
    *,
    at_most: int,
    limits: Sequence[TagLimit] = (),
    by_origin: Mapping[str, int] | None = None,
    is_held: Callable[[Run, Sequence[Run]], bool] = lambda _run, _chosen: False,
) -> list[Run]:
    """Those that may begin: by priority, then who waits longest. `under_way` count as well.

    Who is over a limit of its tags, or of who asked for it, lets others by; so does who is held
    (`is_held`) by what is under way or, as its second argument, chosen before it.
    """
    origins = by_origin or {}
    asked = Counter(run.origin for run in under_way)
    free = at_most - len(under_way)
    taken: dict[tuple[int, tuple[str, str]], int] = {}
    for run in under_way:
        _take(run, limits, taken)
    chosen: list[Run] = []
    for run in sorted(waiting, key=lambda run: (-priority(run), run.created_at, run.id)):
        if len(chosen) >= free:
            break
        slots = _slots(run, limits)
        if asked[run.origin] >= origins.get(run.origin, at_most):
            continue
        is_free = all(taken.get((n, slot), 0) < limits[n].limit for n, slot in slots)
        if is_free and not is_held(run, chosen):
            _take(run, limits, taken)
            asked[run.origin] += 1
            chosen.append(run)
    return chosen


def priority(run: Run) -> int:
    """The number in the run's priority tag, 0 without one or where it is no number."""
    try:
        return int(run.tags.get(PRIORITY_TAG, "0"))
    except ValueError:
        return 0


def _slots(run: Run, limits: Sequence[TagLimit]) -> list[tuple[int, tuple[str, str]]]:
    return [(n, slot) for n, limit in enumerate(limits) if (slot := _slot(limit, run)) is not None]


def _take(
    run: Run, limits: Sequence[TagLimit], taken: dict[tuple[int, tuple[str, str]], int]
) -> None:
    for slot in _slots(run, limits):
        taken[slot] = taken.get(slot, 0) + 1


def _slot(limit: TagLimit, run: Run) -> tuple[str, str] | None:
    """What a run takes one of, None where it has not the tag."""
    value = run.tags.get(limit.key)
    if value is None or (limit.value is not None and value != limit.value):
        return None
    return (limit.key, value if limit.each_value else "")
