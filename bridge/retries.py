"""RetryPolicy: how often, and after which pause, a function that failed is called again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bridge.errors import DefinitionError
from bridge.places import user_place


class Backoff(str, Enum):
    """How the pause grows from one retry to the next."""

    LINEAR = "LINEAR"
    EXPONENTIAL = "EXPONENTIAL"


class Jitter(str, Enum):
    """How chance spreads pauses: anywhere below the pause, or one `delay` around it."""

    FULL = "FULL"
    PLUS_MINUS = "PLUS_MINUS"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Call again up to `max_retries` times; `delay` is in seconds.

    Raises DefinitionError for what is below zero, and for a `backoff` or `jitter` of no delay.
    """

    max_retries: int = 1
    delay: float | None = None
    backoff: Backoff | None = None
    jitter: Jitter | None = None

    def __post_init__(self) -> None:
        if self.max_retries < 0 or (self.delay or 0) < 0:
            raise DefinitionError(
                f"RetryPolicy(max_retries={self.max_retries}, delay={self.delay}): give zero or "
                f"more. At {user_place()}"
            )
        if self.delay is None and (self.backoff or self.jitter):
            raise DefinitionError(
                f"RetryPolicy(backoff=…, jitter=…) needs a delay. At {user_place()}"
            )

    def delay_s(self, retry: int, chance: Callable[[], float] = random.random) -> float:
        """Seconds to wait before the `retry`-th retry, counted from one; `chance` is in [0, 1)."""
        base = self.delay or 0.0
        pause = base
        if self.backoff is Backoff.LINEAR:
            pause = base * retry
        elif self.backoff is Backoff.EXPONENTIAL:
            pause = base * (2**retry - 1)
        if self.jitter is Jitter.FULL:
            return chance() * pause
        if self.jitter is Jitter.PLUS_MINUS:
            return max(0.0, pause + (2 * chance() - 1) * base)
        return pause
