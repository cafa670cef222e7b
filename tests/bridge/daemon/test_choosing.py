from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from bridge.daemon.choosing import PRIORITY_TAG, next_runs, priority
from bridge.executors import TagLimit
from bridge.runs import Run, RunTarget

NOW = datetime(2026, 3, 4, tzinfo=timezone.utc)


def run(number: int, **tags: str) -> Run:
    return Run(
        id=f"r{number}",
        status="queued",
        created_at=NOW + timedelta(seconds=number),
        target=RunTarget(),
        tags=tags,
    )


def chosen(waiting: list[Run], under_way: list[Run], at_most: int, *limits: TagLimit) -> list[str]:
    return [r.id for r in next_runs(waiting, under_way, at_most=at_most, limits=limits)]


def test_who_waits_longest_begins_first() -> None:
    assert chosen([run(2), run(1), run(3)], [run(0)], 3) == ["r1", "r2"]


def test_a_higher_priority_goes_before() -> None:
    urgent = run(9, **{PRIORITY_TAG: "5"})
    late = run(0, **{PRIORITY_TAG: "-1"})

    assert chosen([late, run(1), urgent], [], 3) == ["r9", "r1", "r0"]
    assert priority(run(1, **{PRIORITY_TAG: "soon"})) == 0


def test_who_is_over_a_limit_lets_others_by() -> None:
    limit = TagLimit(key="db", value="x", limit=1)
    waiting = [run(1, db="x"), run(2, db="x"), run(3, db="y"), run(4)]

    assert chosen(waiting, [], 9, limit) == ["r1", "r3", "r4"]
    assert chosen(waiting, [run(0, db="x")], 9, limit) == ["r3", "r4"]


def test_a_limit_may_be_for_any_value_or_for_each() -> None:
    waiting = [run(1, db="x"), run(2, db="y"), run(3, db="x")]

    assert chosen(waiting, [], 9, TagLimit(key="db", limit=1)) == ["r1"]
    assert chosen(waiting, [], 9, TagLimit(key="db", limit=1, each_value=True)) == ["r1", "r2"]


def test_nothing_begins_where_all_places_are_taken() -> None:
    assert chosen([run(1)], [run(0), run(2)], 2) == []


@given(
    st.lists(st.sampled_from(["x", "y", ""]), max_size=20),
    st.lists(st.sampled_from(["x", "y", ""]), max_size=5),
    st.integers(0, 8),
    st.integers(0, 3),
)
def test_no_limit_is_ever_passed_by_those_that_begin(
    waiting: list[str], under_way: list[str], at_most: int, most: int
) -> None:
    def runs(values: list[str], first: int) -> list[Run]:
        return [run(first + n, **({"db": v} if v else {})) for n, v in enumerate(values)]

    before = runs(under_way, 100)
    begun = next_runs(
        runs(waiting, 0),
        before,
        at_most=at_most,
        limits=[TagLimit(key="db", value="x", limit=most)],
    )

    assert len(begun) <= max(0, at_most - len(before))
    with_x = sum(r.tags.get("db") == "x" for r in begun)
    assert with_x <= max(0, most - sum(r.tags.get("db") == "x" for r in before))
