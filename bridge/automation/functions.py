"""A user's function behind a schedule or sensor: which arguments it takes, and calling it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from bridge.arguments import arguments_of
from bridge.automation.contexts import EvaluationContext
from bridge.errors import DefinitionError
from bridge.places import Place, place_of


@dataclass(frozen=True, slots=True)
class Function:
    """A function that takes a context, if it calls its first argument so, then `extra` things, then
    resources.
    """

    call: Callable[..., Any]
    takes_context: bool
    extra: int
    resources: tuple[str, ...]
    place: Place

    def ask(self, context: EvaluationContext, *extra: object) -> Any:
        """What it answers. Whatever it raises is raised."""
        given = {name: context.given[name] for name in self.resources}
        before = (context, *extra) if self.takes_context else extra
        return self.call(*before[: self.extra + self.takes_context], **given)

    def require_resources(self, who: str, resources: Collection[str]) -> None:
        """Raise DefinitionError where it takes a resource that is not there."""
        for name in self.resources:
            if name not in resources:
                known = ", ".join(sorted(resources)) or "none"
                raise DefinitionError(
                    f"{who} takes the resource {name!r}, which no code location provides (there "
                    f"are: {known}). Add it to Definitions(resources={{{name!r}: …}}); what it "
                    f"is told comes first, as `context`. At {self.place}"
                )


def function_of(written: Callable[..., Any], extra: int = 0) -> Function:
    """What `written` takes: `context` first, then `extra` things, then resources by name."""
    found = arguments_of(written, known=())
    others = [*found.inputs, *found.resources]
    order = {name: place for place, name in enumerate(_in_order(written))}
    others.sort(key=lambda name: order.get(name, len(order)))
    return Function(
        written,
        takes_context=found.context is not None,
        extra=min(extra, len(others)),
        resources=tuple(others[extra:]),
        place=place_of(written),
    )


def _in_order(written: Callable[..., Any]) -> tuple[str, ...]:
    code = getattr(written, "__code__", None)
    return () if code is None else code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
