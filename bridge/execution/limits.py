"""How many steps at once: by tag within a run, by pool over all runs of a project."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bridge.execution.plan import Step
from bridge.executors import TagLimit
from bridge.store import Store

log = logging.getLogger(__name__)

ASKED_EVERY_S = 0.5  # how often a pool that was full is asked again


class Limits:
    """What is under way, counted: `begin` says whether a step may join, `end` that it left."""

    def __init__(
        self, tags: Sequence[TagLimit], pools: Mapping[str, int], store: Store, owner: str
    ) -> None:
        self._tags = tags
        self._pools = pools
        self._store = store
        self._owner = owner
        self._counts: Counter[tuple[int, str]] = Counter()
        self._slots: dict[int, tuple[str, int]] = {}
        self._full: dict[str, float] = {}  # until when a pool is not asked again

    def begin(self, step: Step) -> bool:
        """Whether a step may begin now; it counts from then on."""
        groups = list(self._groups(step))
        if any(self._counts[group] >= self._tags[group[0]].limit for group in groups):
            return False
        if not self._take_slot(step):
            return False
        self._counts.update(groups)
        return True

    def end(self, step: Step) -> None:
        """Let the next one in."""
        if self._tags:
            self._counts.subtract(self._groups(step))
        taken = self._slots.pop(id(step), None)
        if taken is not None:
            pool, slot = taken
            self._store.release_slot(pool, slot, owner=self._owner)
            self._full.pop(pool, None)

    def _groups(self, step: Step) -> Iterable[tuple[int, str]]:
        """Under which limits a step counts, and there with which values of the tag."""
        if step.definition is None or not self._tags:
            return
        specs = [spec for spec in step.definition.specs if spec.key in step.keys]
        for number, limit in enumerate(self._tags):
            values = {spec.tags[limit.key] for spec in specs if limit.key in spec.tags}
            if limit.each_value:
                yield from ((number, value) for value in sorted(values))
            elif values if limit.value is None else limit.value in values:
                yield (number, "")

    def _take_slot(self, step: Step) -> bool:
        pool = None if step.definition is None else step.definition.pool
        limit = None if pool is None else self._pools.get(pool)
        if pool is None or limit is None:
            return True
        now = time.monotonic()
        if now < self._full.get(pool, 0.0):
            return False
        slot = self._store.take_slot(pool, limit, owner=self._owner)
        if slot is None:
            if pool not in self._full:
                log.info("%s waits for the pool %s: %d at a time", step.key, pool, limit)
            self._full[pool] = now + ASKED_EVERY_S
            return False
        self._slots[id(step)] = (pool, slot)
        return True
