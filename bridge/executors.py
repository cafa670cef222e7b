"""Executors: how many steps of a run are computed at once, and in which processes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from bridge.errors import ConfigError

_CONFIG = ("max_concurrent", "tag_concurrency_limits")
_EACH_VALUE = "applyLimitPerUniqueValue"


@dataclass(frozen=True, slots=True, kw_only=True)
class TagLimit:
    """At most `limit` steps at once whose assets carry a tag.

    Without `value` any value counts, all together unless `each_value`.
    """

    key: str
    limit: int
    value: str | None = None
    each_value: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor:
    """Where a run's steps are computed: one after the other in its own process, or in others.

    `max_concurrent` is how many at once, as many as there are processors unless given.
    """

    name: Literal["in_process", "multiprocess"]
    max_concurrent: int | None = None
    tag_concurrency_limits: tuple[TagLimit, ...] = ()

    @property
    def workers(self) -> int:
        """How many steps are computed at once."""
        if self.name == "in_process":
            return 1
        return self.max_concurrent or os.cpu_count() or 1

    def configured(self, config: Mapping[str, Any]) -> Executor:
        """The same with other settings. Raises ConfigError for one that is not known."""
        for name in config:
            if name not in _CONFIG:
                raise ConfigError(
                    f"An executor has no setting {name!r}; there are {', '.join(_CONFIG)}."
                )
        return self(**config)

    def __call__(
        self,
        *,
        max_concurrent: int | None = None,
        tag_concurrency_limits: Iterable[Mapping[str, Any]] = (),
    ) -> Executor:
        """The same with other settings; each limit is `{"key": …, "value": …, "limit": …}`."""
        if max_concurrent is not None and not _is_count(max_concurrent):
            raise ConfigError(f"max_concurrent is {max_concurrent!r}; give a number from 1 on.")
        return replace(
            self,
            max_concurrent=max_concurrent,
            tag_concurrency_limits=tuple(_tag_limit(each) for each in tag_concurrency_limits),
        )


in_process_executor = Executor(name="in_process")
multiprocess_executor = Executor(name="multiprocess")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _tag_limit(said: Mapping[str, Any]) -> TagLimit:
    key, limit, value = said.get("key"), said.get("limit"), said.get("value")
    each = isinstance(value, Mapping) and dict(value) == {_EACH_VALUE: True}
    known = set(said) <= {"key", "value", "limit"}
    if not known or not isinstance(key, str) or not isinstance(limit, int) or not _is_count(limit):
        raise _unfit(said)
    if each or value is None:
        return TagLimit(key=key, limit=limit, each_value=each)
    if not isinstance(value, str):
        raise _unfit(said)
    return TagLimit(key=key, limit=limit, value=value)


def _unfit(said: Mapping[str, Any]) -> ConfigError:
    return ConfigError(
        f"tag_concurrency_limits holds {dict(said)!r}; write "
        '{"key": "db", "value": "warehouse", "limit": 2}, with or without a value.'
    )
