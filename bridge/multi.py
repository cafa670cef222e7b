"""`@multi_asset`: one function that computes several assets, all of them or those asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge.arguments import Arguments, AssetIn, arguments_of
from bridge.assets import (
    IO_MANAGER,
    AssetsDefinition,
    require_computable,
    require_own_checks,
    upstream_of,
)
from bridge.backfill_policy import BackfillPolicy
from bridge.checks import AssetCheckSpec
from bridge.errors import DefinitionError
from bridge.keys import AssetKey, CoercibleToAssetKey, coerce_keys
from bridge.partitions import PartitionMapping, PartitionsDefinition
from bridge.places import Place, calling_place, place_of
from bridge.retries import RetryPolicy
from bridge.specs import AssetDep, AssetSpec, replace_deps

if TYPE_CHECKING:
    from bridge.conditions import AutomationCondition
    from bridge.freshness import FreshnessPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetOut:
    """One asset of a function that gives it by value; its key is its name in `outs=` unless said.

    With `is_required=False` the function may leave it out.
    """

    key: CoercibleToAssetKey | None = None
    key_prefix: str | Sequence[str] | None = None
    is_required: bool = True
    io_manager_key: str = IO_MANAGER
    description: str | None = None
    group_name: str | None = None
    owners: Sequence[str] = ()
    tags: Mapping[str, str] | None = None
    kinds: Iterable[str] = ()
    metadata: Mapping[str, object] | None = None
    code_version: str | None = None
    freshness_policy: FreshnessPolicy | None = None
    automation_condition: AutomationCondition | None = None

    def key_for(self, name: str) -> AssetKey:
        """The key of the output called `name`."""
        key = AssetKey(name) if self.key is None else AssetKey.from_coercible(self.key)
        return key if self.key_prefix is None else key.with_prefix(self.key_prefix)


def multi_asset(
    *,
    outs: Mapping[str, AssetOut] | None = None,
    specs: Iterable[AssetSpec] | None = None,
    name: str | None = None,
    ins: Mapping[str, AssetIn] | None = None,
    deps: Iterable[CoercibleToAssetKey] = (),
    internal_asset_deps: Mapping[str, Iterable[CoercibleToAssetKey]] | None = None,
    can_subset: bool = False,
    check_specs: Iterable[AssetCheckSpec] = (),
    retry_policy: RetryPolicy | None = None,
    backfill_policy: BackfillPolicy | None = None,
    pool: str | None = None,
    required_resource_keys: Iterable[str] = (),
    partitions_def: PartitionsDefinition | None = None,
    group_name: str | None = None,
) -> Callable[[Callable[..., Any]], AssetsDefinition]:
    """Make a function compute several assets: `outs` by value, or `specs` that it stores itself.

    With `outs` it returns a tuple in their order or yields Outputs; each depends on all `deps` and
    arguments unless `internal_asset_deps` says on what. With `specs`, which carry their own deps,
    it returns or yields MaterializeResults. With `can_subset` it asks `context.selected_asset_keys`
    or `.selected_output_names` and gives only those. Raises DefinitionError.
    """
    at = calling_place()
    own_specs = tuple(specs or ())
    if bool(outs) == bool(own_specs):
        raise DefinitionError(f"Give multi_asset either outs= or specs=, not empty. At {at}")
    if own_specs and (internal_asset_deps or deps or partitions_def or group_name):
        raise DefinitionError(
            f"With specs=, each AssetSpec carries its own deps, partitions and group; leave them "
            f"out of multi_asset. At {at}"
        )
    if len({spec.partitions_def for spec in own_specs}) > 1:
        raise DefinitionError(f"All specs= of one multi_asset need the same partitions. At {at}")
    given = tuple(deps)

    def decorate(function: Callable[..., Any]) -> AssetsDefinition:
        place = place_of(function)
        known = coerce_keys(given or (dep for spec in own_specs for dep in spec.reads))
        arguments = arguments_of(function, known=known, ins=ins)
        if outs:
            upstream = (*given, *upstream_of(arguments))
            internal = _internal(internal_asset_deps or {}, outs, upstream, place)
            described = tuple(
                _spec(
                    output, out, internal.get(output, upstream), partitions_def, group_name, place
                )
                for output, out in outs.items()
            )
        else:
            described = _with_arguments(own_specs, arguments)
        for spec in described:
            require_computable(spec)
        keys = [spec.key for spec in described]
        if len(set(keys)) < len(keys):
            raise DefinitionError(f"{function.__name__} computes one asset twice. At {place}")
        return AssetsDefinition(
            described,
            function,
            arguments.mapped(_mappings(described, arguments, place)),
            name or function.__name__,
            {out.key_for(o): out.io_manager_key for o, out in (outs or {}).items()},
            frozenset(required_resource_keys),
            require_own_checks(check_specs, described),
            retry_policy,
            tuple(outs) if outs else tuple(key.to_python_identifier() for key in keys),
            can_subset=can_subset,
            passes_values=bool(outs),
            backfill_policy=backfill_policy,
            pool=pool,
        )

    return decorate


def _internal(
    declared: Mapping[str, Iterable[CoercibleToAssetKey]],
    outs: Mapping[str, AssetOut],
    upstream: tuple[CoercibleToAssetKey, ...],
    place: Place,
) -> dict[str, tuple[CoercibleToAssetKey, ...]]:
    """What each output named in `internal_asset_deps` depends on, mapped as the function's are."""
    known = {*(out.key_for(name) for name, out in outs.items()), *coerce_keys(upstream)}
    mapped = _mapped(upstream)
    found: dict[str, tuple[CoercibleToAssetKey, ...]] = {}
    for name, items in declared.items():
        given = tuple(items)
        keys = coerce_keys(given)
        strange = [str(key) for key in keys if key not in known]
        if name not in outs or strange:
            raise DefinitionError(
                f"internal_asset_deps={{{name!r}: …}} names {', '.join(strange) or name}, which is "
                f"neither an output nor an upstream of this function. At {place}"
            )
        own = {dep.key for dep in _mapped(given)}
        found[name] = (*given, *(d for d in mapped if d.key in keys and d.key not in own))
    return found


def _mapped(deps: Iterable[CoercibleToAssetKey]) -> list[AssetDep]:
    return [dep for dep in deps if isinstance(dep, AssetDep) and dep.partition_mapping is not None]


def _spec(
    name: str,
    out: AssetOut,
    deps: tuple[CoercibleToAssetKey, ...],
    partitions_def: PartitionsDefinition | None,
    group_name: str | None,
    place: Place,
) -> AssetSpec:
    return AssetSpec(
        out.key_for(name),
        deps=deps,
        description=out.description,
        group_name=out.group_name if group_name is None else group_name,
        owners=out.owners,
        tags=out.tags,
        kinds=out.kinds,
        metadata=out.metadata,
        code_version=out.code_version,
        skippable=not out.is_required,
        partitions_def=partitions_def,
        freshness_policy=out.freshness_policy,
        automation_condition=out.automation_condition,
        place=place,
    )


def _with_arguments(specs: tuple[AssetSpec, ...], arguments: Arguments) -> tuple[AssetSpec, ...]:
    """An argument that no spec names as a dependency is one of all of them.

    The mapping of an argument holds for every spec that depends on its asset and names none.
    """
    named = {dep for spec in specs for dep in spec.reads}
    everywhere = tuple(key for key in arguments.inputs.values() if key not in named)
    mapped = {arguments.inputs[name]: mapping for name, mapping in arguments.mappings.items()}
    if not everywhere and not mapped:
        return specs
    return tuple(
        replace_deps(
            spec,
            (*spec.deps, *everywhere),
            {k: m for k, m in mapped.items() if k in spec.deps or k in everywhere}
            | dict(spec.mappings),
        )
        for spec in specs
    )


def _mappings(
    specs: Sequence[AssetSpec], arguments: Arguments, place: Place
) -> dict[AssetKey, PartitionMapping]:
    """How the assets of a function map what its arguments receive.

    Raises DefinitionError where one argument would have to receive different partitions.
    """
    found: dict[AssetKey, PartitionMapping] = {}
    for name, key in arguments.inputs.items():
        said = [spec.mappings.get(key) for spec in specs if key in spec.reads]
        if name in arguments.mappings or not any(said):
            continue
        if any(mapping != said[0] for mapping in said) or said[0] is None:
            raise DefinitionError(
                f"The specs of one function map partitions of {key} in different ways, so that the "
                f"argument {name} cannot tell which it receives. Say ins={{{name!r}: "
                f"AssetIn(partition_mapping=…)}}. At {place}"
            )
        found[key] = said[0]
    return found
