"""Which arguments a user's function takes: context, config, resources, upstream assets by name."""

from __future__ import annotations

import inspect
import os
import sys
import types
import typing
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bridge.errors import DefinitionError
from bridge.events import PlainValue, metadata_values
from bridge.keys import AssetKey, CoercibleToAssetKey
from bridge.partitions import PartitionMapping
from bridge.places import place_of

_CONTEXT_NAMES = frozenset({"context", "_context", "_", "__"})
_PACKAGE = f"{Path(__file__).parent}{os.sep}"
_NONE: Mapping[str, Any] = {}  # one for all: most arguments have neither
_VARIADIC = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


@dataclass(frozen=True, slots=True)
class AssetIn:
    """Which asset an argument receives, where its name alone does not say.

    `key_prefix` stands before `key`, or before the argument's name; the IO manager sees `metadata`.
    `partition_mapping` says which of its partitions each partition of the reader needs.
    """

    key: CoercibleToAssetKey | None = None
    key_prefix: str | tuple[str, ...] | list[str] | None = None
    metadata: Mapping[str, object] | None = None
    partition_mapping: PartitionMapping | None = None

    def key_for(self, argument: str) -> AssetKey:
        """The asset that the argument of this name receives."""
        key = AssetKey(argument) if self.key is None else AssetKey.from_coercible(self.key)
        return key if self.key_prefix is None else key.with_prefix(self.key_prefix)


@dataclass(frozen=True, slots=True)
class Arguments:
    """`inputs` maps an argument to the asset whose value it receives, in order.

    A key that no `deps=` or `ins=` named is a guess from the argument's name; the graph settles it.
    `config` is the model that the argument called `config` receives. `mappings` are those that
    `ins=` declared; an argument in `optional` keeps its default where no partition is read.
    """

    context: str | None
    inputs: Mapping[str, AssetKey]
    resources: tuple[str, ...] = ()
    config: type[Any] | None = None
    input_metadata: Mapping[str, Mapping[str, PlainValue]] = field(default_factory=lambda: _NONE)
    mappings: Mapping[str, PartitionMapping] = field(default_factory=lambda: _NONE)
    optional: frozenset[str] = frozenset()

    def mapped(self, by_asset: Mapping[AssetKey, PartitionMapping]) -> Arguments:
        """These arguments with the mappings of what they receive, where `ins=` said none."""
        if not by_asset:
            return self
        found = {name: by_asset[key] for name, key in self.inputs.items() if key in by_asset}
        return replace(self, mappings={**found, **self.mappings})

    def settled(self, renamed: Mapping[AssetKey, AssetKey | None]) -> Arguments:
        """These arguments with other assets; None makes the argument a resource of its name."""
        resources = tuple(n for n, k in self.inputs.items() if renamed.get(k, k) is None)
        inputs = {n: renamed.get(k, k) for n, k in self.inputs.items()}
        return Arguments(
            self.context,
            {name: key for name, key in inputs.items() if key is not None},
            (*self.resources, *resources),
            self.config,
            self.input_metadata,
            self.mappings,
            self.optional,
        )


def arguments_of(
    function: Callable[..., Any],
    known: tuple[AssetKey, ...],
    ins: Mapping[str, AssetIn] | None = None,
) -> Arguments:
    """The arguments of `function`.

    A name equal to the last word of a key in `known` means that key; `ins` says it outright, also
    for an argument with a default.
    """
    names = _names(function)
    context = names[0] if names and names[0] in _CONTEXT_NAMES else None
    given: tuple[str, ...] = ()
    config = None
    if names and "bridge.resources" in sys.modules:  # else nobody can have annotated with them
        config, given = _given_otherwise(function, names)
    by_name = {key.path[-1]: key for key in known}
    others = names[1 if context else 0 :]
    if given or config:
        others = [n for n in others if n not in given and not (config and n == "config")]
    if not ins:
        return Arguments(context, {n: by_name.get(n) or AssetKey(n) for n in others}, given, config)
    optional = _with_default(function, [name for name in ins if name not in others])
    others += optional
    missing = [name for name in ins if name not in others]
    if missing:
        raise DefinitionError(
            f"ins= names {', '.join(missing)}, which {function.__name__} does not take as an "
            f"argument. At {place_of(function)}"
        )
    return Arguments(
        context,
        {n: ins[n].key_for(n) if n in ins else by_name.get(n) or AssetKey(n) for n in others},
        given,
        config,
        {n: metadata_values(each.metadata) for n, each in ins.items() if each.metadata},
        {n: each.partition_mapping for n, each in ins.items() if each.partition_mapping},
        frozenset(optional),
    )


def _with_default(function: Callable[..., Any], names: Collection[str]) -> list[str]:
    """Those of the names that are arguments with a default."""
    if not names:
        return []
    parameters = inspect.signature(function).parameters
    empty = inspect.Parameter.empty
    return [n for n in names if n in parameters and parameters[n].default is not empty]


def _given_otherwise(
    function: Callable[..., Any], names: Collection[str]
) -> tuple[type[Any] | None, tuple[str, ...]]:
    """The model of `config`, and the arguments annotated as resources."""
    kinds = sys.modules["bridge.resources"]
    hints = _hints_where_defined(function)
    config = hints.get("config") if "config" in names else None
    if not _is_kind_of(config, kinds.Config):
        config = None
    resources = []
    for name in names:
        hint = hints.get(name)
        is_resource = _is_kind_of(hint, kinds.ConfigurableResource)
        if is_resource or kinds.RESOURCE in getattr(hint, "__metadata__", ()):
            resources.append(name)
    return config, tuple(resources)


def _is_kind_of(hint: Any, kind: type) -> bool:
    """Whether an annotation is a subclass of `kind`; in Python 3.10 `list[int]` passes for one."""
    return isinstance(hint, type) and typing.get_origin(hint) is None and issubclass(hint, kind)


def _hints_where_defined(function: Callable[..., Any]) -> dict[str, Any]:
    """Annotations as types, also of classes that are local to the function that defines this."""
    written = getattr(function, "__annotations__", None)
    if not written:
        return {}
    frame = sys._getframe(1)  # noqa: SLF001 - annotations may name what is local to the caller
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    found: dict[str, Any] = {}
    for name, hint in written.items():
        if isinstance(hint, str):
            try:
                found |= typing.get_type_hints(
                    types.SimpleNamespace(__annotations__={name: hint}),
                    getattr(function, "__globals__", None),
                    frame.f_locals,
                    include_extras=True,
                )
            except (NameError, AttributeError, TypeError, SyntaxError):
                continue  # what does not resolve is an asset's value, as everywhere
        else:
            found[name] = hint
    return found


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
