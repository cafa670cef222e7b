"""Values in and out of a user's function: loading inputs, and what can be said of a result."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bridge.arguments import Arguments, hints_of, mismatch
from bridge.assets import IO_MANAGER, AssetsDefinition
from bridge.errors import ConfigError, InputError, OutputError, PartitionError
from bridge.graph import AssetGraph
from bridge.io import InputContext, IOManager
from bridge.keys import AssetKey
from bridge.partitions import inferred_mapping, upstream_partitions


def load_inputs(
    function: Callable[..., Any],
    arguments: Arguments,
    *,
    graph: AssetGraph,
    of: AssetKey,
    partitions: Sequence[str | None],
    resources: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """The arguments but the context: one value each, or one by partition where it needs several.

    A call for several `partitions` gets what all of them need, by partition; of its own past not
    what it makes now. Where a partition reads none, as the first one of its own past, an argument
    keeps its default, and is None without one. Raises InputError where a value is not stored,
    cannot exist or is not of the annotated type.
    """
    if not arguments.inputs:
        return {}
    hints = hints_of(function)
    values: dict[str, Any] = {}
    for name, key in arguments.inputs.items():
        annotation = hints.get(name, Any)
        needed, is_many = _needed(graph, arguments, name, of, partitions, now)
        if not needed and name in arguments.optional:
            continue
        spec = graph.nodes[key].spec
        context = InputContext(
            key,
            None,
            annotation,
            of,
            arguments.input_metadata.get(name, {}),
            asset_partitions_def=spec.partitions_def,
            upstream_metadata=spec.metadata,
        )
        value = _loaded(io_manager_of(graph, key, resources), context, needed, is_many=is_many)
        wrong = mismatch(value, annotation)
        if wrong:
            why = "" if needed else f" No partition of {key} is read here; give a default."
            if is_many and len(partitions) > 1:
                why = " A call for several partitions gets a dict of values by partition."
            raise InputError(f"{of}: argument {name} does not fit its annotation: {wrong}.{why}")
        values[name] = value
    return values


def _loaded(
    manager: IOManager, context: InputContext, needed: Sequence[str | None], *, is_many: bool
) -> Any:
    """The value of one partition, or those of several by name: one value where ranges are taken."""
    takes_ranges = getattr(manager, "handles_ranges", False)
    if not is_many or (takes_ranges and len(needed) == 1):
        return manager.load_input(replace(context, partition_key=needed[0])) if needed else None
    if takes_ranges and needed:
        several = tuple(name for name in needed if name is not None)
        return manager.load_input(replace(context, partitions=several))
    of_one = replace(context, expected_type=_of_one(context.expected_type))
    return {name: manager.load_input(replace(of_one, partition_key=name)) for name in needed}


def _needed(
    graph: AssetGraph,
    arguments: Arguments,
    name: str,
    of: AssetKey,
    partitions: Sequence[str | None],
    now: datetime,
) -> tuple[list[str | None], bool]:
    """The partitions that an argument needs, and whether it gets their values by name.

    By name also on a day when there is only one, where the mapping says that there may be more.
    """
    key, spec = arguments.inputs[name], graph.nodes[of].spec
    theirs = graph.nodes[key].spec.partitions_def
    # a check reads the partition itself of its own asset, whatever the asset reads of it
    mapping = arguments.mappings.get(name) or (None if key == of else spec.mappings.get(key))
    found: list[str | None] = []
    try:
        for partition in partitions:
            found += upstream_partitions(spec.partitions_def, partition, theirs, now, mapping)
    except PartitionError as error:
        raise InputError(f"{of} cannot read {key} as its argument {name}. {error}") from error
    if theirs is None:
        return found[:1], False
    if len(partitions) > 1:
        made = set(partitions) if key == of else set()
        return [each for each in dict.fromkeys(found) if each not in made], True
    if len(found) > 1 or (partitions[0] is None and mapping is None):
        return found, True
    said = mapping or inferred_mapping(theirs, spec.partitions_def)
    return found, said.reads_many(theirs, spec.partitions_def)


def _of_one(annotation: Any) -> Any:
    """What each partition is, where an argument is annotated as a dictionary of them."""
    arguments = typing.get_args(annotation)
    is_mapping = typing.get_origin(annotation) in (dict, Mapping)
    return arguments[1] if is_mapping and arguments else annotation


def io_manager_of(graph: AssetGraph, key: AssetKey, resources: Mapping[str, Any]) -> IOManager:
    """The IO manager that stores an asset. Raises InputError where none is called that."""
    definition = graph.nodes[key].definition
    name = IO_MANAGER if definition is None else definition.io_manager_key(key)
    try:
        return resources[name]  # type: ignore[no-any-return]
    except KeyError:
        known = ", ".join(sorted(resources))
        raise InputError(
            f"{key} is stored by the IO manager {name!r}, which no code location provides (there "
            f"are: {known}). Add it to Definitions(resources={{{name!r}: …}})."
        ) from None


def given_arguments(
    arguments: Arguments, resources: Mapping[str, Any], of: object
) -> dict[str, Any]:
    """The resources that a function takes. Raises InputError for one that is not there."""
    for name in arguments.resources:
        if name not in resources:
            known = ", ".join(sorted(resources)) or "none"
            raise InputError(
                f"{of} takes the resource {name!r}, which is not there (there are: {known}). Add "
                f"it to resources={{{name!r}: …}}."
            )
    return {name: resources[name] for name in arguments.resources}


def config_of(definition: AssetsDefinition, run_config: Mapping[str, Any]) -> Any:
    """The value of a function's `config`, None where it takes none.

    Raises ConfigError, with every wrong field, where the run's values do not fit the model.
    """
    model = definition.arguments.config
    if model is None:
        return None
    said = run_config.get(definition.name, {})
    if isinstance(said, model):
        return said
    try:
        return model.model_validate(said)
    except ValueError as error:  # pydantic's own is one
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'config'}: {each['msg']}"
            for each in getattr(error, "errors", list)()
        )
        raise ConfigError(
            f"The configuration of {', '.join(map(str, definition.keys))} does not fit "
            f"{model.__name__}: "
            f"{wrong or error}. Give run_config={{{definition.name!r}: …}}. At {definition.place}"
        ) from error


def require_announced(
    function: Callable[..., Any], of: AssetKey, value: object, each: Iterable[object] = ()
) -> None:
    """Raise OutputError where a function returned something else than its annotation says.

    `each` are the values by partition in it, to which the annotation may also refer.
    """
    annotation = hints_of(function).get("return", Any)
    wrong = mismatch(value, annotation)
    if wrong and each and not any(mismatch(one, annotation) for one in each):
        return
    if wrong:
        raise OutputError(f"{of} returned something else than it announces: {wrong}.")


def row_count(value: object) -> int | None:
    """How many rows a frame or a list has, None for what has no rows."""
    if isinstance(value, (str, bytes, Mapping)) or not hasattr(value, "__len__"):
        return None
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape and isinstance(shape[0], int):
        return shape[0]
    return len(value)


def type_name(value: object) -> str:
    """A type's name as people say it, with its library where that is not Python's own."""
    kind = type(value)
    library = kind.__module__.partition(".")[0]
    return kind.__qualname__ if library == "builtins" else f"{library}.{kind.__qualname__}"
