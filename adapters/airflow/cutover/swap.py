"""The class swap: a guarded task gets a subclass of its own operator that asks before it runs.

The subclass has the operator's name and module, so templates, mapping, deferral, serialisation and
the version of the DAG stay those of the legacy task. `execute` is not wrapped on the task itself:
both Airflows run a copy of it, with its templates rendered.
"""

from __future__ import annotations

import functools
from typing import Any

from adapters.airflow.cutover.guarded import GuardedTask, UnreadTask

_RULE = "_bridge_rule"
_GUARD = "_bridge_guard"


def swap(task: Any, rule: GuardedTask | UnreadTask) -> None:
    """Give a task, or what a mapped one expands to, the guarding class; twice changes nothing."""
    if hasattr(task, "partial_kwargs"):  # a mapped operator
        task.operator_class = guarding(task.operator_class, rule)
    else:
        operator_class: Any = type(task)
        task.__class__ = guarding(operator_class, rule)
    # In the triggerer nobody asks: a guarded task begins and ends in a worker.
    for name in ("start_from_trigger", "end_from_trigger"):
        if getattr(task, name, False):
            setattr(task, name, False)


def is_guarding(operator_class: type) -> bool:
    """Whether a class came out of `guarding`."""
    return _RULE in vars(operator_class)


def guarding(operator_class: Any, rule: GuardedTask | UnreadTask) -> Any:
    """The subclass of an operator's class (or of what a guarding one guards) that obeys `rule`."""
    return _made(operator_class.__mro__[1] if is_guarding(operator_class) else operator_class, rule)


@functools.lru_cache(maxsize=4096)
def _made(origin: Any, rule: GuardedTask | UnreadTask) -> Any:
    members = _methods(origin)
    names = {
        "__module__": origin.__module__,
        "__qualname__": origin.__qualname__,
        "__doc__": origin.__doc__,
        _RULE: rule,
    }
    guarded = type(origin)(origin.__name__, (origin,), names)
    for name, member in members.items():
        # Set afterwards: the metaclass would put its "only from a task" check around `execute`,
        # and that would use up the token which the operator's own check needs.
        setattr(guarded, name, member)
    return guarded


def _methods(origin: Any) -> dict[str, Any]:
    """What the subclass overrides; arguments are handed on as each Airflow gives them."""

    def pre_execute(self: Any, context: Any, *args: Any, **kwargs: Any) -> Any:
        from adapters.airflow.cutover.begin import begin  # noqa: PLC0415 - parsing a DAG needs no store

        guard = begin(getattr(type(self), _RULE), context)
        setattr(self, _GUARD, guard)
        with guard.giving_back_on_error():
            mine = origin if guard.runs_legacy else _base_operator(origin)
            return mine.pre_execute(self, context, *args, **kwargs)

    def execute(self: Any, *args: Any, **kwargs: Any) -> Any:
        return _guard(self).run(lambda: origin.execute(self, *args, **kwargs))

    def resume_execution(self: Any, *args: Any, **kwargs: Any) -> Any:
        return _guard(self).run(lambda: origin.resume_execution(self, *args, **kwargs))

    def post_execute(self: Any, *args: Any, **kwargs: Any) -> Any:
        mine = origin if _guard(self).runs_legacy else _base_operator(origin)
        return mine.post_execute(self, *args, **kwargs)

    def on_kill(self: Any) -> None:
        guard = getattr(self, _GUARD, None)
        if guard is None:
            origin.on_kill(self)
        else:
            guard.end(lambda: origin.on_kill(self))

    def reduce_ex(self: Any, protocol: Any) -> Any:
        # By its name, pickle would find the operator's own class.
        _, _, *state = origin.__reduce_ex__(self, protocol)
        return (_restored, (origin, getattr(type(self), _RULE)), *state)

    overridden = (pre_execute, execute, resume_execution, post_execute, on_kill)
    return {method.__name__: method for method in overridden} | {"__reduce_ex__": reduce_ex}


def _guard(task: Any) -> Any:
    """The guard of the attempt under way. Raises RuntimeError where `pre_execute` did not run."""
    guard = getattr(task, _GUARD, None)
    if guard is None:
        raise RuntimeError(f"{getattr(type(task), _RULE).name} is guarded: only a task may run it.")
    return guard


def _base_operator(origin: Any) -> Any:
    """BaseOperator, whose hooks run whatever the task runs, unlike those of the legacy operator."""
    return next(c for c in reversed(origin.__mro__) if c.__name__ == "BaseOperator")


def _restored(origin: Any, rule: GuardedTask | UnreadTask) -> Any:
    found = guarding(origin, rule)
    return found.__new__(found)
