"""`@multi_asset`: one function that computes several assets, all of them or those asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.arguments import Arguments, AssetIn, arguments_of
from bridge.assets import (
    IO_MANAGER,
    AssetsDefinition,
    AssetSpec,
    replace_deps,
    require_computable,
    require_own_checks,
)
from bridge.backfill_policy import BackfillPolicy
from bridge.checks import AssetCheckSpec
from bridge.conditions import AutomationCondition
from bridge.errors import DefinitionError
from bridge.freshness import TimeWindowFreshnessPolicy
from bridge.keys import AssetKey, CoercibleToAssetKey, coerce_keys
from bridge.partitions import PartitionsDefinition
from bridge.places import Place, calling_place, place_of
from bridge.retries import RetryPolicy


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
    freshness_policy: TimeWindowFreshnessPolicy | None = None
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
    explicit = tuple(dict.fromkeys(coerce_keys(deps)))

    def decorate(function: Callable[..., Any]) -> AssetsDefinition:
        place = place_of(function)
        known = explicit or tuple(dict.fromkeys(dep for spec in own_specs for dep in spec.deps))
        arguments = arguments_of(function, known=known, ins=ins)
        if outs:
            upstream = tuple(dict.fromkeys((*explicit, *arguments.inputs.values())))
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
            arguments,
            name or function.__name__,
            {out.key_for(o): out.io_manager_key for o, out in (outs or {}).items()},
            frozenset(required_resource_keys),
            require_own_checks(check_specs, described),
            retry_policy,
            tuple(outs) if outs else tuple(key.to_python_identifier() for key in keys),
            can_subset=can_subset,
            passes_values=bool(outs),
            backfill_policy=backfill_policy,
        )

    return decorate


def _internal(
    declared: Mapping[str, Iterable[CoercibleToAssetKey]],
    outs: Mapping[str, AssetOut],
    upstream: tuple[AssetKey, ...],
    place: Place,
) -> dict[str, tuple[AssetKey, ...]]:
    """What each output named in `internal_asset_deps` depends on."""
    own = {out.key_for(name) for name, out in outs.items()}
    found = {name: coerce_keys(keys) for name, keys in declared.items()}
    for name, keys in found.items():
        strange = [str(key) for key in keys if key not in own and key not in upstream]
        if name not in outs or strange:
            raise DefinitionError(
                f"internal_asset_deps={{{name!r}: …}} names {', '.join(strange) or name}, which is "
                f"neither an output nor an upstream of this function. At {place}"
            )
    return found


def _spec(
    name: str,
    out: AssetOut,
    deps: tuple[AssetKey, ...],
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
    """An argument that no spec names as a dependency is one of all of them."""
    named = {dep for spec in specs for dep in spec.deps}
    everywhere = tuple(key for key in arguments.inputs.values() if key not in named)
    if not everywhere:
        return specs
    return tuple(replace_deps(spec, (*spec.deps, *everywhere)) for spec in specs)
