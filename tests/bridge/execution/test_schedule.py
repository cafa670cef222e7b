"""A schedule hands out what may begin, in the order of the list wherever that is free."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from hypothesis import given
from hypothesis import strategies as st

from bridge import (
    AssetKey,
    DailyPartitionsDefinition,
    HourlyPartitionsDefinition,
    WeeklyPartitionsDefinition,
    asset,
)
from bridge.assets import AssetsDefinition
from bridge.checks import AssetChecksDefinition, asset_check
from bridge.execution import Step, StepResult, plan
from bridge.execution.schedule import Schedule, Turn
from bridge.graph import AssetGraph

NOW = datetime(2024, 2, 1, tzinfo=timezone.utc)
DAILY = DailyPartitionsDefinition("2024-01-01")
WEEKLY = WeeklyPartitionsDefinition("2023-12-31")


def scheduled(
    *items: AssetsDefinition | AssetChecksDefinition, partition: str | None = None
) -> Schedule:
    checks = [item for item in items if isinstance(item, AssetChecksDefinition)]
    graph = AssetGraph.build([i for i in items if isinstance(i, AssetsDefinition)], checks)
    return Schedule(plan(graph, list(graph.nodes), partition=partition, now=NOW))


def name(step: Step) -> str:
    checks = "" if step.definition else "?"
    return f"{step.key}{checks}" + (f" {step.partition}" if step.partition else "")


def all_now(schedule: Schedule) -> dict[str, Turn]:
    """Everything that may begin now, before any of it ends."""
    found = {}
    while (turn := schedule.take()) is not None:
        found[name(turn.step)] = turn
    return found


def end(schedule: Schedule, turn: Turn, status: str = "succeeded") -> None:
    schedule.end(
        turn,
        [
            StepResult(key=key, partition=turn.step.partition, status=status)  # type: ignore[arg-type]
            for key in turn.step.keys
        ],
    )


@asset
def a() -> None: ...


@asset(deps=[a])
def b() -> None: ...


@asset(deps=[a])
def c() -> None: ...


@asset(deps=[b, c])
def d() -> None: ...


def test_what_does_not_depend_on_each_other_may_run_at_once() -> None:
    schedule = scheduled(a, b, c, d)

    first = all_now(schedule)
    assert list(first) == ["a"]
    end(schedule, first["a"])
    second = all_now(schedule)
    assert list(second) == ["b", "c"]
    end(schedule, second["b"])
    assert all_now(schedule) == {}
    end(schedule, second["c"])
    assert list(all_now(schedule)) == ["d"]


def test_what_is_downstream_of_a_failure_is_skipped_with_its_cause() -> None:
    schedule = scheduled(a, b, c, d)
    end(schedule, all_now(schedule)["a"])
    now = all_now(schedule)
    end(schedule, now["b"], "failed")
    end(schedule, now["c"])

    turn = schedule.take()

    assert turn is not None
    (result,) = turn.skipped
    assert (result.status, result.cause, result.message) == ("skipped", b.key, "b failed")
    assert schedule.take() is None
    assert schedule.give_up("canceled") == []


def test_a_partition_waits_for_its_own_upstream_partition_only() -> None:
    @asset(partitions_def=DAILY)
    def orders() -> None: ...

    @asset(partitions_def=DAILY, deps=[orders])
    def sales() -> None: ...

    schedule = scheduled(orders, sales, partition="2024-01-01...2024-01-03")
    first = all_now(schedule)
    assert list(first) == [f"orders 2024-01-0{day}" for day in (1, 2, 3)]

    end(schedule, first["orders 2024-01-02"])

    assert list(all_now(schedule)) == ["sales 2024-01-02"]


def test_a_whole_asset_waits_for_all_partitions_of_its_upstream() -> None:
    @asset(partitions_def=DAILY)
    def orders() -> None: ...

    @asset(deps=[orders])
    def report() -> None: ...

    schedule = scheduled(orders, report, partition="2024-01-01...2024-01-03")
    first = all_now(schedule)
    for number, turn in enumerate(first.values()):
        assert all_now(schedule) == {}, f"only {number} of 3 have ended"
        end(schedule, turn)

    assert list(all_now(schedule)) == ["report"]


def test_a_blocking_check_that_reads_more_comes_before_what_is_downstream() -> None:
    @asset
    def z() -> None: ...

    @asset_check(asset=a, additional_deps=[z], blocking=True)
    def agrees() -> bool:
        return True

    schedule = scheduled(a, z, b, agrees)
    first = all_now(schedule)
    assert set(first) == {"a", "z"}
    end(schedule, first["a"])
    assert all_now(schedule) == {}, "b waits for the check, which waits for z"
    end(schedule, first["z"])
    (check,) = all_now(schedule).values()
    assert name(check.step) == "a?"
    end(schedule, check, "checked")

    assert list(all_now(schedule)) == ["b"]


def test_thousands_that_end_in_any_order_let_those_through_that_need_them_all() -> None:
    hourly = HourlyPartitionsDefinition("2023-01-01-00:00")

    @asset(partitions_def=hourly)
    def orders() -> None: ...

    @asset(deps=[orders])
    def report() -> None: ...

    schedule = scheduled(orders, report, partition="2023-01-01-00:00...2023-10-01-00:00")
    turns = list(all_now(schedule).values())
    assert len(turns) > 6000
    for turn in reversed(turns):
        end(schedule, turn)

    assert list(all_now(schedule)) == ["report"]


def test_what_is_not_allowed_keeps_its_place() -> None:
    schedule = scheduled(a, b, c, d)
    end(schedule, all_now(schedule)["a"])

    turn = schedule.take(lambda step: step.key != AssetKey("b"))

    assert turn is not None
    assert name(turn.step) == "c"
    assert list(all_now(schedule)) == ["b"]


def test_what_was_never_handed_out_can_be_given_up() -> None:
    schedule = scheduled(a, b, c, d)
    all_now(schedule)

    left = schedule.give_up("the run was canceled")

    assert [name(turn.step) for turn in left] == ["b", "c", "d"]
    assert {turn.skipped[0].message for turn in left} == {"the run was canceled"}


def shape(edges: list[tuple[int, int]], count: int) -> list[AssetsDefinition]:
    def made(number: int) -> AssetsDefinition:
        deps = [f"n{low}" for low, high in edges if high == number]

        @asset(name=f"n{number}", deps=deps)
        def function() -> None: ...

        return function

    return [made(number) for number in range(count)]


@given(
    edges=st.lists(
        st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda e: e[0] < e[1]), max_size=16
    ),
    failing=st.sets(st.integers(0, 7)),
    pick=st.data(),
)
def test_whatever_ends_first_every_step_runs_once_after_its_upstream_or_is_skipped(
    edges: list[tuple[int, int]], failing: set[int], pick: st.DataObject
) -> None:
    schedule = scheduled(*shape(edges, 8))
    running: list[Turn] = []
    ended: dict[str, str] = {}

    def take_all(take: Callable[[], Turn | None]) -> None:
        while (turn := take()) is not None:
            for dep in turn.step.waits_for:
                assert str(dep) in ended, "its upstream has ended"
            if turn.skipped:
                ended[name(turn.step)] = "skipped"
            else:
                running.append(turn)

    take_all(schedule.take)
    while running:
        turn = running.pop(pick.draw(st.integers(0, len(running) - 1)))
        status = "failed" if int(name(turn.step)[1:]) in failing else "succeeded"
        ended[name(turn.step)] = status
        end(schedule, turn, status)
        take_all(schedule.take)

    assert len(ended) == 8
    for low, high in edges:
        if ended[f"n{low}"] != "succeeded":
            assert ended[f"n{high}"] == "skipped"
    for number in range(8):
        ups = [ended[f"n{low}"] for low, high in edges if high == number]
        if all(up == "succeeded" for up in ups):
            assert ended[f"n{number}"] == ("failed" if number in failing else "succeeded")
