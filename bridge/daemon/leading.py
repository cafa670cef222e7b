"""Who leads: one daemon a store at a time, by a lease on the database's clock."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict

from bridge.errors import StoreUnreachableError
from bridge.execution.process import is_gone
from bridge.runs import ProcessIdentity
from bridge.store import Lease, Store

LEASE = "daemon"
LEASE_S = 10.0


class Leadership:
    """The lease of this process, prolonged by a thread while it is held.

    Losing it only ends the work here: what two daemons do at once is done once, since each tick
    moves on from the state that it was made from, and runs have ids of their own.
    """

    def __init__(self, store: Store, process: ProcessIdentity, lease_s: float = LEASE_S) -> None:
        self._store = store
        self._process = process
        self._lease_s = lease_s
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_held = False

    @property
    def is_held(self) -> bool:
        """Whether we lead."""
        return self._is_held

    def take(self) -> bool:
        """Lead, if nobody else does; that a leader of this host died is known at once."""
        if self._is_held:
            return True
        owner = owner_text(self._process)
        if not self._store.take_lease(LEASE, owner, self._lease_s):
            found = self._store.lease(LEASE)
            if found is None or not is_gone(owner_of(found), self._process):
                return False
            self._store.give_lease(LEASE, found.owner)
            if not self._store.take_lease(LEASE, owner, self._lease_s):
                return False
        self._is_held = True
        self._stop.clear()
        self._thread = threading.Thread(target=self._prolong, name="bridge lease", daemon=True)
        self._thread.start()
        return True

    def give_back(self) -> None:
        """Let another lead at once."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._is_held:
            self._is_held = False
            self._store.give_lease(LEASE, owner_text(self._process))

    def _prolong(self) -> None:
        while not self._stop.wait(self._lease_s / 4):
            if not self._goes_on():
                self._is_held = False
                return

    def _goes_on(self) -> bool:
        try:
            return self._store.take_lease(LEASE, owner_text(self._process), self._lease_s)
        except StoreUnreachableError:
            return True  # asked again soon; who takes over meanwhile is met then


def owner_text(process: ProcessIdentity) -> str:
    """A process as text."""
    return json.dumps(asdict(process), sort_keys=True)


def owner_of(lease: Lease) -> ProcessIdentity:
    """The process that holds a lease."""
    return ProcessIdentity(**json.loads(lease.owner))
