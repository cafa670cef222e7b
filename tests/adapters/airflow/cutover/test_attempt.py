"""What one attempt is, which partition its run is about, and what it decides."""

from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.airflow.cutover.attempt import attempt_of, decided, held_by
from adapters.airflow.source import task_source
from bridge import AssetKey, DailyPartitionsDefinition
from bridge.store import Claim, ClaimMode, Route, RouteState

KEY = AssetKey("orders")
DAILY = DailyPartitionsDefinition("2024-01-01")
DAY = datetime(2024, 3, 5, tzinfo=timezone.utc)


def context(**changes: Any) -> dict[str, Any]:
    """What both Airflows put into the context of a task, as far as it is looked at."""
    run = {"logical_date": DAY, "data_interval_start": DAY.replace(day=4), "data_interval_end": DAY}
    instance = {"dag_id": "shop", "task_id": "build", "run_id": "r/1", "map_index": -1}
    instance["try_number"] = 2
    return {
        "ti": SimpleNamespace(**{k: changes.pop(k, v) for k, v in instance.items()}),
        "dag_run": SimpleNamespace(**(run | changes)),
    }


def claim(owner: str, attempt: int = 2, mode: ClaimMode = "legacy") -> Claim:
    return Claim(
        key=KEY,
        partition=None,
        owner=owner,
        attempt=attempt,
        mode=mode,
        generation=1,
        lease_until=DAY,
    )


def route(state: RouteState) -> Route:
    return Route(unit="airflow:shop.build", state=state, assets=(KEY,))


def test_events_of_a_try_are_signed_as_the_poller_signs_them() -> None:
    assert attempt_of(context()).source == task_source("airflow", "shop", "r/1", "build", -1, 2)


def test_a_retry_has_the_same_owner_and_another_attempt() -> None:
    first, second = attempt_of(context(try_number=1)), attempt_of(context(try_number=2))

    assert first.owner == second.owner == "airflow:airflow/shop/r%2F1/build"
    assert (first.number, second.number) == (1, 2)


def test_map_indexes_of_a_run_hold_their_claims_together() -> None:
    left, right = (
        attempt_of(context(map_index=0, try_number=1)),
        attempt_of(context(map_index=1, try_number=3)),
    )

    assert left.is_shared
    assert (left.owner, left.number) == (right.owner, right.number)


@pytest.mark.parametrize(
    ("run", "partition_by", "expected"),
    [
        ({}, "logical_date", "2024-03-05"),
        ({}, "data_interval_start", "2024-03-04"),
        ({"partition_key": "2024-02-01"}, "logical_date", "2024-02-01"),
        ({"partition_key": "EMEA"}, "logical_date", "2024-03-05"),
        ({"logical_date": None}, "logical_date", None),
        ({"logical_date": datetime(2023, 1, 1, tzinfo=timezone.utc)}, "logical_date", None),
    ],
)
def test_the_partition_is_that_of_the_run(
    run: dict[str, Any], partition_by: str, expected: str | None
) -> None:
    found = attempt_of(context(**run)).partition((KEY,), DAILY, partition_by)

    assert found.key == expected
    assert (found.why_none is None) == (expected is not None)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (None, "legacy"),
        ("legacy", "legacy"),
        ("observed", "legacy"),
        ("shadow", "legacy"),
        ("migrated", "asset"),
        ("retired", "nothing"),
    ],
)
def test_a_new_attempt_obeys_the_route(state: RouteState | None, expected: str) -> None:
    assert decided(route(state) if state else None, []) == expected


@pytest.mark.parametrize("state", ["legacy", "migrated", "retired"])
@pytest.mark.parametrize("mode", ["legacy", "asset"])
def test_an_attempt_that_holds_claims_stays_with_its_decision(
    state: RouteState, mode: ClaimMode
) -> None:
    assert decided(route(state), [claim("me", mode=mode)]) == mode


def test_claims_of_an_earlier_try_or_of_another_owner_decide_nothing() -> None:
    attempt = attempt_of(context())
    own = claim(attempt.owner)

    assert held_by(attempt, [claim(attempt.owner, attempt=1), claim("other"), own]) == [own]
