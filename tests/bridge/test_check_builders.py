"""Ready-made checks: what each decides, and that it reads the right part of the history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bridge import (
    AssetCheckSeverity,
    AssetKey,
    AssetSpec,
    DailyPartitionsDefinition,
    Definitions,
    MaterializeResult,
    MetadataValue,
    StaticPartitionsDefinition,
    TableSchema,
    asset,
    build_column_schema_change_checks,
    build_last_update_freshness_checks,
    build_metadata_bounds_checks,
    build_time_partition_freshness_checks,
    materialize,
)
from bridge.check_verdicts import by_age, by_columns, by_partition
from bridge.context import AssetExecutionContext
from bridge.errors import DefinitionError
from bridge.events import AssetEvent
from bridge.execution import plan, run_plan
from bridge.recency import RunInstance
from bridge.store import Store, open_store

NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DAILY = DailyPartitionsDefinition("2020-01-01")
ORDERS = AssetKey("orders")
WITHIN_A_DAY: Any = {"lower_bound_delta": DAY}


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    yield opened
    opened.close()


def tell(store: Store, kind: Any = "materialization", **values: Any) -> None:
    given: dict[str, Any] = {"happened_at": NOON, "source": f"test:{len(store.events())}"}
    store.record([AssetEvent(kind=kind, key=ORDERS, **(given | values))])


def ask(check: Any, store: Store, *assets: Any, partition: str | None = None) -> Any:
    """What the check's function answers now, asked as in a run."""
    graph = Definitions(assets or [AssetSpec(ORDERS)], [check]).graph()
    context = AssetExecutionContext(
        asset_key=check.asset_key,
        run_id="test",
        partitions_def=graph.nodes[check.asset_key].spec.partitions_def,
        partitions=() if partition is None else (partition,),
        instance=RunInstance(store, graph),
    )
    return check(context)


@pytest.mark.parametrize(
    ("updated", "tick", "passed"),
    [
        (None, None, False),
        (NOON - HOUR, None, True),
        (NOON - DAY, None, True),  # an edge is in time, as in the reference
        (NOON - DAY - HOUR, None, False),
        (NOON - 3 * DAY, NOON - 2 * DAY, True),
        (NOON - 3 * DAY - HOUR, NOON - 2 * DAY, False),
    ],
)
def test_an_update_is_in_time_by_its_age_at_the_deadline(
    updated: datetime | None, tick: datetime | None, passed: bool
) -> None:
    found = by_age(updated, tick, DAY, NOON)

    assert found.passed is passed
    bound = MetadataValue.timestamp((tick or NOON) - DAY)
    assert found.metadata["lower_bound"] == bound
    assert ("fresh_until" in found.metadata) is (passed and tick is None)


def test_an_update_may_be_an_observation_that_says_when(store: Store) -> None:
    (check,) = build_last_update_freshness_checks(assets=[ORDERS], **WITHIN_A_DAY)
    assert not ask(check, store).passed
    now = datetime.now(timezone.utc)
    tell(store, "observation", happened_at=now)
    assert not ask(check, store).passed
    noted = {"last_updated": MetadataValue.timestamp(now - HOUR).to_metadata()}
    tell(store, "observation", happened_at=now, metadata=noted)
    assert ask(check, store).passed


def test_a_partition_of_long_ago_is_no_update(store: Store) -> None:
    now = datetime.now(timezone.utc)
    newest = str(DAILY.latest(now - 3 * DAY))
    orders = AssetSpec(ORDERS, partitions_def=DAILY)
    (check,) = build_last_update_freshness_checks(assets=[orders], **WITHIN_A_DAY)
    tell(store, partition=newest, happened_at=now - 3 * DAY)
    tell(store, partition="2020-01-01", happened_at=now)

    assert not ask(check, store, orders).passed

    tell(store, partition=str(DAILY.latest(now)), happened_at=now)
    assert ask(check, store, orders).passed


def test_the_newest_partition_at_the_last_deadline_is_expected(store: Store) -> None:
    orders = AssetSpec(ORDERS, partitions_def=DAILY)
    (check,) = build_time_partition_freshness_checks(assets=[orders], deadline_cron="0 9 * * *")
    now = datetime.now(timezone.utc)
    tick = now.replace(hour=9, minute=0, second=0, microsecond=0)
    expected = str(DAILY.latest(tick if tick <= now else tick - DAY))

    tell(store, partition="2020-01-01", happened_at=now)
    missing = ask(check, store, orders)
    tell(store, "observation", partition=expected, happened_at=now)
    there = ask(check, store, orders)

    assert (missing.passed, missing.metadata["expected_partition"]) == (False, expected)
    assert there.passed


def test_before_the_first_partition_nothing_is_due() -> None:
    assert by_partition(None, NOON, is_there=False, is_known=False).passed


SMALL = TableSchema.from_name_type_dict({"id": "int", "name": "string", "old": "int"})
CHANGED = TableSchema.from_name_type_dict({"id": "bigint", "name": "string", "new": "int"})


@pytest.mark.parametrize(
    ("newest", "passed", "said"),
    [
        ([], True, "fewer than two"),
        ([SMALL], True, "fewer than two"),
        ([SMALL, SMALL], True, "those of before"),
        ([CHANGED, SMALL], False, "added new; removed old; changed id from int to bigint"),
        ([None, SMALL], False, "last materialization has no column_schema"),
        ([SMALL, None], False, "one before has no column_schema"),
    ],
)
def test_a_change_of_columns_is_told(newest: Any, passed: bool, said: str) -> None:
    found = by_columns(newest)

    assert found.passed is passed
    assert said in found.description


@pytest.mark.parametrize("name", ["column_schema", "dagster/column_schema"])
def test_columns_are_read_from_the_history(store: Store, name: str) -> None:
    schemas = [SMALL, SMALL, CHANGED]

    @asset
    def orders() -> MaterializeResult:
        return MaterializeResult(metadata={name: schemas.pop(0)})

    checks = build_column_schema_change_checks(assets=[orders])
    passed = []
    for _ in range(3):
        (step,) = materialize([orders, *checks], store=store).steps  # a WARN fails no run
        passed.append(step.checks[0].outcome.passed)

    assert passed == [True, True, False]


@pytest.mark.parametrize(
    ("value", "bounds", "passed"),
    [
        (5, {"min_value": 5}, True),
        (5, {"min_value": 5, "exclusive_min": True}, False),
        (5.5, {"min_value": 5, "max_value": 6}, True),
        (6, {"max_value": 6}, True),
        (6, {"max_value": 6, "exclusive_max": True}, False),
        (7, {"max_value": 6}, False),
        ("many", {"max_value": 6}, False),
        (True, {"max_value": 6}, False),
        (None, {"max_value": 6}, False),
    ],
)
def test_a_number_is_held_against_its_bounds(
    store: Store, value: Any, bounds: Any, passed: bool
) -> None:
    (check,) = build_metadata_bounds_checks(assets=[ORDERS], metadata_key="my/rows", **bounds)
    tell(store, metadata={} if value is None else {"my/rows": value})

    assert check.name == "my_rows_bounds_check"
    assert ask(check, store).passed is passed


def test_bounds_are_held_against_the_partition_that_is_checked(store: Store) -> None:
    orders = AssetSpec(ORDERS, partitions_def=DAILY)
    (check,) = build_metadata_bounds_checks(assets=[orders], metadata_key="rows", min_value=1)
    tell(store, partition="2024-01-01", metadata={"rows": 0})
    tell(store, partition="2024-01-02", metadata={"rows": 5}, happened_at=NOON + HOUR)

    assert not ask(check, store, orders, partition="2024-01-01").passed
    assert ask(check, store, orders, partition="2024-01-02").passed


def test_a_freshness_check_is_asked_once_of_the_whole_asset_after_the_last_partition(
    store: Store,
) -> None:
    made: list[str] = []

    @asset(partitions_def=DAILY)
    def orders(context) -> None:
        made.append(context.partition_key)

    checks = build_last_update_freshness_checks(
        assets=[orders], severity=AssetCheckSeverity.ERROR, **WITHIN_A_DAY
    )
    graph = Definitions([orders], checks).graph()
    now = datetime.now(timezone.utc)
    days = [str(DAILY.latest(now - n * DAY)) for n in (2, 1, 0)]
    todo = plan(graph, [ORDERS], partition=f"{days[0]}...{days[-1]}", now=now)
    run_plan(todo, store, {})

    assert made == days
    (state,) = store.check_states()
    assert (state.partition, state.passed) == (None, True)
    assert len(store.events(kinds=("check",))) == 1


def test_it_can_be_asked_alone_without_naming_a_partition(store: Store) -> None:
    orders = AssetSpec(ORDERS, partitions_def=DAILY)
    (check,) = build_last_update_freshness_checks(assets=[orders], **WITHIN_A_DAY)
    graph = Definitions([orders], [check]).graph()

    todo = plan(graph, [], checks=[check.spec.key], now=NOON)
    result = run_plan(todo, store, {})

    assert [(step.status, step.partition) for step in result.steps] == [("checked", None)]


def test_the_reference_s_defaults_hold() -> None:
    (check,) = build_last_update_freshness_checks(assets=["orders"], **WITHIN_A_DAY)

    assert (check.name, check.spec.is_blocking) == ("freshness_check", False)
    assert check.place.file == __file__


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: build_metadata_bounds_checks(assets=[], metadata_key="a"), "give min_value"),
        (
            lambda: build_metadata_bounds_checks(
                assets=[], metadata_key="a", min_value=2, max_value=1
            ),
            "greater than max_value",
        ),
        (
            lambda: build_last_update_freshness_checks(
                assets=[], deadline_cron="often", **WITHIN_A_DAY
            ),
            "deadline_cron cannot be read",
        ),
        (
            lambda: build_last_update_freshness_checks(assets=["a", "a"], **WITHIN_A_DAY),
            "for a twice",
        ),
        (
            lambda: build_time_partition_freshness_checks(
                assets=[AssetSpec("a", partitions_def=StaticPartitionsDefinition(["x"]))],
                deadline_cron="@daily",
            ),
            "no partitions that are windows of time",
        ),
    ],
)
def test_what_cannot_work_is_refused(build: Any, said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        build()
