"""A thread that keeps a run and its claims alive while user code computes."""

from __future__ import annotations

import logging
import threading
from types import TracebackType

from bridge.errors import BridgeError, ClaimLostError
from bridge.store import Claim, Store

log = logging.getLogger(__name__)

LEASE_S = 60.0
_BEATS_A_LEASE = 3


class Heartbeat:
    """Renews what it holds every third of a lease, as a context manager.

    Starts its thread at the first claim.
    """

    def __init__(self, store: Store, run_id: str | None = None, lease_s: float = LEASE_S) -> None:
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

    def hold(self, claim: Claim) -> None:
        """Keep this claim alive from now on."""
        self._held[claim.key, claim.partition] = claim
        self._lost.discard((claim.key, claim.partition))
        if self._thread.ident is None:
            self._thread.start()

    def drop(self, claim: Claim) -> None:
        """Stop keeping it alive."""
        self._held.pop((claim.key, claim.partition), None)

    def confirm(self, claim: Claim) -> None:
        """Prolong the lease now. Raises ClaimLostError if another writer took over."""
        if (claim.key, claim.partition) in self._lost:
            raise ClaimLostError(f"{claim.key}: another writer took over while this one worked.")
        self._store.renew(claim, self._lease_s)

    def _beat(self) -> None:
        while not self._stop.wait(self._lease_s / _BEATS_A_LEASE):
            for claim in list(self._held.values()):
                self._renew(claim)
            if self._run_id is not None:
                self._renew_run(self._run_id)

    def _renew(self, claim: Claim) -> None:
        try:
            self._store.renew(claim, self._lease_s)
        except ClaimLostError:
            place = (claim.key, claim.partition)
            if self._held.get(place) is claim:  # else it was given back meanwhile
                self._lost.add(place)
        except BridgeError as error:
            log.warning("the claim on %s could not be prolonged: %s", claim.key, error)

    def _renew_run(self, run_id: str) -> None:
        try:
            self._store.renew_run(run_id, self._lease_s)
        except BridgeError as error:
            log.warning("run %s could not be prolonged: %s", run_id, error)
