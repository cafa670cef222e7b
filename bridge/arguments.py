"""Which arguments a user's function takes: the context, and upstream assets by name."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.keys import AssetKey

_CONTEXT_NAMES = frozenset({"context", "_context", "_", "__"})
_VARIADIC = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


@dataclass(frozen=True, slots=True)
class Arguments:
    """`inputs` maps an argument to the asset whose value it receives, in order.

    A key that no `deps=` named is a guess from the argument's name; the graph settles it.
    """

    context: str | None
    inputs: Mapping[str, AssetKey]


def arguments_of(function: Callable[..., Any], known: tuple[AssetKey, ...]) -> Arguments:
    """The arguments of `function`.

    A name equal to the last word of a key in `known` means that key.
    """
    names = _names(function)
    context = names[0] if names and names[0] in _CONTEXT_NAMES else None
    by_name = {key.path[-1]: key for key in known}
    inputs = {n: by_name.get(n) or AssetKey(n) for n in names[1 if context else 0 :]}
    return Arguments(context, inputs)


def _names(function: Callable[..., Any]) -> list[str]:
    if inspect.isfunction(function) and not hasattr(function, "__wrapped__"):
        code = function.__code__
        has_defaults = function.__defaults__ or function.__kwdefaults__
        if not code.co_flags & _VARIADIC and not has_defaults:
            return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    skipped = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind not in skipped and parameter.default is inspect.Parameter.empty
    ]


def hints_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The function's annotations as types.

    None where a name in them does not resolve at run time.
    """
    written = getattr(inspect.unwrap(function), "__annotations__", None)
    if not written or written == {"return": "None"}:  # get_type_hints compiles every text anew
        return {"return": None} if written else {}
    try:
        return typing.get_type_hints(inspect.unwrap(function))
    except (NameError, AttributeError, TypeError):
        return {}


def mismatch(value: object, annotation: Any) -> str | None:
    """What is wrong with `value` for `annotation`, None where it fits or cannot be told."""
    if annotation is inspect.Parameter.empty or annotation is Any:
        return None
    allowed = _classes(annotation)
    if allowed is None or isinstance(value, allowed):
        return None
    if float in allowed and type(value) is int:
        return None
    wanted = " or ".join("None" if c is types.NoneType else c.__qualname__ for c in allowed)
    return f"expected {wanted}, got {type(value).__qualname__}"


def _classes(  # noqa: PLR0911 - one line a kind of annotation reads best
    annotation: Any,
) -> tuple[type, ...] | None:
    """The runtime classes of an annotation, None where it says something that a class cannot."""
    if annotation is None:
        return (types.NoneType,)
    if annotation is Any:
        return None
    if typing.is_typeddict(annotation):
        return (dict,)
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _classes(typing.get_args(annotation)[0])
    if origin is typing.Union or origin is types.UnionType:
        found: list[type] = []
        for part in typing.get_args(annotation):
            classes = _classes(part)
            if classes is None:
                return None
            found.extend(classes)
        return tuple(found)
    candidate = origin if origin is not None else annotation
    if isinstance(candidate, type) and not getattr(candidate, "_is_protocol", False):
        return (candidate,)
    return None
