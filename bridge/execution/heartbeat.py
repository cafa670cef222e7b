"""A thread that keeps a run and its claims alive while user code computes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType

from bridge.errors import BridgeError, ClaimLostError
from bridge.store import Claim, Store

log = logging.getLogger(__name__)

LEASE_S = 60.0
_BEATS_A_LEASE = 3
_ASKED_EVERY_S = 1.0  # how soon a run hears that it is to end
_ASKED_AGAIN_S = 5.0  # where the function went on nevertheless


class Heartbeat:
    """Renews what it holds every third of a lease, as a context manager.

    Starts its thread at the first claim, or when told. `on_cancel` is called, from that thread,
    when somebody wants the run to end, and again as long as it does not.
    """

    def __init__(
        self,
        store: Store,
        run_id: str | None = None,
        lease_s: float = LEASE_S,
        on_cancel: Callable[[], None] | None = None,
    ) -> None:
        self._on_cancel = on_cancel
        self._ask_after = 0.0
        self._store = store
        self._run_id = run_id
        self._lease_s = lease_s
        self._held: dict[tuple[object, str | None], Claim] = {}
        self._lost: set[tuple[object, str | None]] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="bridge-heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def hold(self, *claims: Claim) -> None:
        """Keep these claims alive from now on."""
        for claim in claims:
            self._held[claim.key, claim.partition] = claim
            self._lost.discard((claim.key, claim.partition))
        if claims:
            self.start()

    def start(self) -> None:
        """Begin to beat, if it does not yet."""
        if self._thread.ident is None:
            self._thread.start()

    def drop(self, *claims: Claim) -> None:
        """Stop keeping them alive."""
        for claim in claims:
            self._held.pop((claim.key, claim.partition), None)

    def confirm(self, *claims: Claim) -> None:
        """See that the leases live for a while. Raises ClaimLostError if one was taken over.

        They are prolonged only where less than half of one is left: a write costs far more.
        """
        for claim in claims:
            if (claim.key, claim.partition) in self._lost:
                raise _taken_over(claim)
        if self._store.holds(claims, self._lease_s / 2):
            return
        if len(claims) == 1:
            self._store.renew(claims[0], self._lease_s)
        elif lost := self._store.renew_all(claims, self._lease_s):
            raise _taken_over(lost[0])

    def _beat(self) -> None:
        pause_s = self._lease_s / _BEATS_A_LEASE
        next_beat = time.monotonic() + pause_s
        asks = self._run_id is not None and self._on_cancel is not None
        while not self._stop.wait(min(pause_s, _ASKED_EVERY_S) if asks else pause_s):
            if asks:
                self._ask()
            if time.monotonic() < next_beat:
                continue
            next_beat = time.monotonic() + pause_s
            self._renew(list(self._held.values()))
            if self._run_id is not None:
                self._renew_run(self._run_id)

    def _ask(self) -> None:
        """Hear whether the run is to end; where it does not, after a while once more."""
        if self._run_id is None or self._on_cancel is None or time.monotonic() < self._ask_after:
            return
        try:
            wanted = self._store.is_cancel_requested(self._run_id)
        except BridgeError as error:
            log.warning("run %s could not ask whether to go on: %s", self._run_id, error)
            return
        if wanted and not self._stop.is_set():
            self._ask_after = time.monotonic() + _ASKED_AGAIN_S
            self._on_cancel()

    def _renew(self, claims: list[Claim]) -> None:
        if not claims:
            return
        try:
            lost = self._store.renew_all(claims, self._lease_s)
        except BridgeError as error:
            keys = ", ".join(sorted({str(claim.key) for claim in claims}))
            log.warning("the claims on %s could not be prolonged: %s", keys, error)
            return
        for claim in lost:
            place = (claim.key, claim.partition)
            if self._held.get(place) is claim:  # else it was given back meanwhile
                self._lost.add(place)

    def _renew_run(self, run_id: str) -> None:
        try:
            self._store.renew_run(run_id, self._lease_s)
        except BridgeError as error:
            log.warning("run %s could not be prolonged: %s", run_id, error)


def _taken_over(claim: Claim) -> ClaimLostError:
    what = f"{claim.key} partition {claim.partition}" if claim.partition else str(claim.key)
    return ClaimLostError(f"{what}: another writer took over while this one worked.")
