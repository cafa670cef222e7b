"""What happens to the claims of an attempt, however it ends."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.airflow.cutover.guard import Guard, Held
from bridge import AssetKey
from bridge.errors import ClaimLostError
from bridge.store import Claim, Store, open_store

KEY = AssetKey("orders")


class TaskDeferred(BaseException):
    """Named as Airflow's own, which says that a task goes on later."""


class AirflowRescheduleException(Exception):
    """As above, of a sensor that will look again."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield found
    found.close()


def held(store: Store, lease_s: float = 60, *, is_shared: bool = False) -> Held:
    claim = store.claim(KEY, None, owner="task", mode="legacy", lease_s=lease_s)
    return Held(store, (claim,), is_shared=is_shared)


def lease_s(claim: Claim) -> float:
    return claim.lease_until.timestamp() - time.time()


def test_the_claim_lives_while_the_legacy_code_runs_and_is_given_back_after(store: Store) -> None:
    seen: list[Claim] = []

    result = Guard("legacy", held(store)).run(lambda: seen.extend(store.claims()) or "done")

    assert result == "done"
    assert [claim.owner for claim in seen] == ["task"]
    assert store.claims() == []


def test_a_failure_gives_the_claim_back(store: Store) -> None:
    def fail() -> None:
        raise ValueError("the disk is full")

    with pytest.raises(ValueError, match="disk"):
        Guard("legacy", held(store)).run(fail)

    assert store.claims() == []


@pytest.mark.parametrize("pause", [TaskDeferred, AirflowRescheduleException])
def test_a_pause_keeps_the_claim_for_long(store: Store, pause: type[BaseException]) -> None:
    def defer() -> None:
        raise pause

    with pytest.raises(pause):
        Guard("legacy", held(store)).run(defer)

    [kept] = store.claims()
    assert lease_s(kept) > 3600


def test_a_resumed_task_that_executes_again_is_guarded_once(store: Store) -> None:
    guard = Guard("legacy", held(store))

    assert guard.run(lambda: guard.run(lambda: "inner")) == "inner"
    assert store.claims() == []


def test_a_legacy_task_that_was_overtaken_does_not_end_well(store: Store) -> None:
    slow = held(store)

    def be_overtaken() -> None:
        store.renew(slow.claims[0], lease_s=0)
        time.sleep(0.01)
        store.claim(KEY, None, owner="other")

    with pytest.raises(ClaimLostError):
        Guard("legacy", slow).run(be_overtaken)

    assert [claim.owner for claim in store.claims()] == ["other"]


def test_a_task_whose_claim_was_lost_before_it_begins_does_not_run(store: Store) -> None:
    late = held(store, lease_s=0.001)
    time.sleep(0.01)
    store.claim(KEY, None, owner="other")
    ran: list[str] = []

    with pytest.raises(ClaimLostError):
        Guard("legacy", late).run(lambda: ran.append("yes"))

    assert ran == []


def test_what_map_indexes_share_is_left_to_run_out(store: Store) -> None:
    Guard("legacy", held(store, is_shared=True)).run(lambda: None)

    [left] = store.claims()
    assert 20 < lease_s(left) < 30


def test_a_migrated_task_computes_instead_of_running_its_code(store: Store) -> None:
    done: list[str] = []
    guard = Guard("asset", held(store), lambda: done.append("asset"))

    assert guard.run(lambda: done.append("legacy")) is None
    assert done == ["asset"]


def test_a_retired_task_runs_nothing() -> None:
    def never() -> None:
        raise AssertionError

    assert Guard("nothing").run(never) is None


def test_killing_ends_the_legacy_code_its_own_way_and_lets_the_claim_run_out(store: Store) -> None:
    guard = Guard("legacy", held(store))
    seen: list[object] = []

    def be_killed() -> None:
        guard.end(lambda: seen.append("killed"))
        seen.extend(store.claims())

    guard.run(be_killed)

    killed, claim = seen
    assert killed == "killed"
    assert isinstance(claim, Claim)
    assert lease_s(claim) < 11


def test_killing_ends_the_code_of_an_asset_at_once(store: Store) -> None:
    guard: Guard

    def be_killed() -> None:
        guard.end(lambda: pytest.fail("the legacy operator has not run"))

    guard = Guard("asset", held(store), be_killed)

    with pytest.raises(SystemExit):
        guard.run(lambda: None)

    assert store.claims() == []
