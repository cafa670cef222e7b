"""Guard: what one attempt of a guarded task may do, from its decision to the end of its claims."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adapters.airflow.cutover.attempt import Mode
from bridge.errors import BridgeError, StoreUnreachableError
from bridge.execution.heartbeat import LEASE_S, Heartbeat
from bridge.store import Claim, Store

# Propagates to the handlers of the task's own log on both versions.
log = logging.getLogger("airflow.task.bridge")

# What ends an attempt's process but not the attempt. By name: 2.11 knows only the first two.
_PAUSES = frozenset({"TaskDeferred", "AirflowRescheduleException", "TaskAwaitingInput"})
# Nobody prolongs a claim while its task waits elsewhere; after a day another writer may step in.
_PAUSED_LEASE_S = 24 * 3600.0
# Airflow 3 lets a killed task go on for 5 s, in which it may still write.
_KILLED_LEASE_S = 10.0
_KILLED_PATIENCE_S = 2.0
_KILLED = 143  # 128 + SIGTERM, as shells say it
# Map indexes share a claim, which each that still runs prolongs every third of a lease.
_SHARED_LEASE_S = LEASE_S / 3 + 5


class Held:
    """Claims on all that an attempt writes. `is_shared`: its other map indexes hold them too."""

    def __init__(self, store: Store, claims: tuple[Claim, ...], *, is_shared: bool) -> None:
        self.claims = claims
        self._store = store
        self._is_shared = is_shared
        self._heartbeat: Heartbeat | None = None

    def during(self, work: Callable[[], object], *, until_the_end: bool) -> object:
        """Run, prolonging the claims. Raises ClaimLostError if another writer took over meanwhile.

        `until_the_end`: ask once more afterwards, as for work that records nothing itself.
        """
        with Heartbeat(self._store) as heartbeat:
            self._heartbeat = heartbeat
            try:
                for claim in self.claims:
                    heartbeat.confirm(claim)  # time may have passed since it was taken
                    heartbeat.hold(claim)
                result = work()
                if until_the_end:
                    self._require_not_overtaken(heartbeat)
            finally:
                self._heartbeat = None
        return result

    def give_back(self) -> None:
        """Let others write; where map indexes share the claims, as soon as the last has ended."""
        for claim in self.claims:
            if self._is_shared:
                self._prolong(claim, _SHARED_LEASE_S)
            else:
                self._release(claim)

    def keep(self) -> None:
        """Keep the claims while the attempt pauses."""
        for claim in self.claims:
            self._prolong(claim, _PAUSED_LEASE_S)

    @property
    def is_running(self) -> bool:
        """Whether the work is under way."""
        return self._heartbeat is not None

    def let_run_out(self) -> None:
        """Prolong no more: the task is being killed. Nothing where it is not running.

        In a thread that is not waited for long: a signal calls it, perhaps amid a statement.
        """
        heartbeat = self._heartbeat
        if heartbeat is None or self._is_shared:
            return
        for claim in self.claims:
            heartbeat.drop(claim)

        def shorten() -> None:
            for claim in self.claims:
                self._prolong(claim, _KILLED_LEASE_S)

        thread = threading.Thread(target=shorten, name="bridge-kill", daemon=True)
        thread.start()
        thread.join(_KILLED_PATIENCE_S)

    def _require_not_overtaken(self, heartbeat: Heartbeat) -> None:
        for claim in self.claims:
            try:
                heartbeat.confirm(claim)
            except StoreUnreachableError as error:  # noqa: PERF203 - each claim for itself
                # It has run; running it again would make nothing surer.
                log.warning("%s has run; of its claim nothing is known: %s", claim.owner, error)

    def _prolong(self, claim: Claim, lease_s: float) -> None:
        try:
            self._store.renew(claim, lease_s)
        except BridgeError as error:
            log.warning("the claim on %s was not prolonged: %s", claim.key, error)

    def _release(self, claim: Claim) -> None:
        try:
            self._store.release(claim)
        except BridgeError as error:
            log.warning("the claim on %s was not given back and runs out: %s", claim.key, error)


class Guard:
    """What an attempt decided. `held` is None where nothing is written, or nothing is guarded.

    `compute` runs the assets in place of the legacy code.
    """

    def __init__(
        self, mode: Mode, held: Held | None = None, compute: Callable[[], None] | None = None
    ) -> None:
        self.mode = mode
        self._held = held
        self._compute = compute

    @property
    def runs_legacy(self) -> bool:
        """Whether the legacy task's own code runs."""
        return self.mode == "legacy"

    def run(self, legacy: Callable[[], object]) -> object:
        """Run what was decided; an asset, or nothing, gives None. May raise ClaimLostError."""
        if self.mode == "nothing":
            log.info("this task is retired: nothing to do")
            return None
        work = legacy if self._compute is None else self._compute
        # Running already: a task that is resumed in its `execute`.
        if self._held is None or self._held.is_running:
            return work()
        with self.giving_back_on_error():
            result = self._held.during(work, until_the_end=self.runs_legacy)
        self._held.give_back()
        return result

    @contextmanager
    def giving_back_on_error(self) -> Iterator[None]:
        """Give the claims back if the attempt fails here; keep them if it only pauses."""
        try:
            yield
        except BaseException as error:
            if self._held is not None:
                if any(c.__name__ in _PAUSES for c in type(error).__mro__):
                    self._held.keep()
                else:
                    self._held.give_back()
            raise

    def end(self, kill_legacy: Callable[[], None]) -> None:
        """End what runs, as the task is being killed. An asset's code ends with SystemExit.

        Airflow 3 calls this on SIGTERM and lets the code go on until SIGKILL; it retries after a
        SystemExit.
        """
        if self.runs_legacy:
            kill_legacy()
            if self._held is not None:
                self._held.let_run_out()
        elif self._held is not None and self._held.is_running:
            raise SystemExit(_KILLED)
