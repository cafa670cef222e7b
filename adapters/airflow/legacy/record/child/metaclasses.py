"""Classes that name a metaclass, on top of a base class that is not importable here.

Such a base has the stand-ins' metaclass, which Python would not let stand beside another one; the
class gets one that is both. What the real base has, nobody knows: mostly a plain one.
"""

import builtins
from collections.abc import Callable
from typing import Any

from .placeholders import Unknown, UnknownMeta


def combine_metaclasses() -> None:
    """From here on, `class Orders(Missing, metaclass=Registered)` is made."""
    build: Callable[..., Any] = builtins.__build_class__

    def build_class(body: Any, name: str, *bases: Any, **options: Any) -> Any:
        named = options.get("metaclass")
        if isinstance(named, type) and any(map(_is_stand_in, bases)):
            options["metaclass"] = _both(named, bases)
        return build(body, name, *bases, **options)

    setattr(builtins, "__build_class__", build_class)  # noqa: B010 - a replacement


def _is_stand_in(base: Any) -> bool:
    return isinstance(base, Unknown | UnknownMeta)


def _both(named: type, bases: tuple[Any, ...]) -> type:
    kinds = [named]
    for base in bases:
        kind = UnknownMeta if isinstance(base, Unknown) else type(base)
        if not any(issubclass(other, kind) for other in kinds):
            kinds = [other for other in kinds if not issubclass(kind, other)] + [kind]
    return kinds[0] if len(kinds) == 1 else type(named.__name__, tuple(kinds), {})
