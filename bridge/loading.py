"""Assets and checks out of modules and packages, and changing many of them at once."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

from bridge.assets import AssetsDefinition
from bridge.checks import AssetChecksDefinition, AssetCheckSpec
from bridge.errors import DefinitionError
from bridge.keys import AssetKey
from bridge.specs import AssetSpec

if TYPE_CHECKING:
    from bridge.conditions import AutomationCondition
    from bridge.freshness import FreshnessPolicy

Asset: TypeAlias = "AssetsDefinition | AssetSpec"
Prefix: TypeAlias = "str | Sequence[str]"


def load_assets_from_modules(
    modules: Iterable[ModuleType],
    group_name: str | None = None,
    key_prefix: Prefix | None = None,
    *,
    freshness_policy: FreshnessPolicy | None = None,
    automation_condition: AutomationCondition | None = None,
) -> list[Asset]:
    """Every asset at the top level of these modules, in the order in which they are written.

    `group_name`, the policy and the condition are given to those that say none of their own;
    `key_prefix` stands before the keys, also where one of these assets depends on another.
    """
    found: list[Asset] = [
        value for value in values_of(modules) if isinstance(value, (AssetsDefinition, AssetSpec))
    ]
    given = {
        "group_name": group_name,
        "freshness_policy": freshness_policy,
        "automation_condition": automation_condition,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    if wanted:
        found = map_asset_specs(lambda spec: _completed(spec, wanted), found)
    return found if key_prefix is None else _prefixed(found, key_prefix)


def load_assets_from_current_module(
    group_name: str | None = None,
    key_prefix: Prefix | None = None,
    *,
    freshness_policy: FreshnessPolicy | None = None,
    automation_condition: AutomationCondition | None = None,
) -> list[Asset]:
    """`load_assets_from_modules` for the module that calls this, as far as it is executed."""
    return load_assets_from_modules(
        [calling_module()],
        group_name,
        key_prefix,
        freshness_policy=freshness_policy,
        automation_condition=automation_condition,
    )


def load_assets_from_package_module(
    package_module: ModuleType,
    group_name: str | None = None,
    key_prefix: Prefix | None = None,
    *,
    freshness_policy: FreshnessPolicy | None = None,
    automation_condition: AutomationCondition | None = None,
) -> list[Asset]:
    """`load_assets_from_modules` for a package and every module below it, which are imported."""
    return load_assets_from_modules(
        modules_below(package_module),
        group_name,
        key_prefix,
        freshness_policy=freshness_policy,
        automation_condition=automation_condition,
    )


def load_assets_from_package_name(
    package_name: str,
    group_name: str | None = None,
    key_prefix: Prefix | None = None,
    *,
    freshness_policy: FreshnessPolicy | None = None,
    automation_condition: AutomationCondition | None = None,
) -> list[Asset]:
    """`load_assets_from_package_module` for the package of this name."""
    return load_assets_from_package_module(
        importlib.import_module(package_name),
        group_name,
        key_prefix,
        freshness_policy=freshness_policy,
        automation_condition=automation_condition,
    )


def load_asset_checks_from_modules(
    modules: Iterable[ModuleType], asset_key_prefix: Prefix | None = None
) -> list[AssetChecksDefinition]:
    """Every check at the top level of these modules, in the order in which they are written.

    `asset_key_prefix` stands before the keys of the assets that they are about.
    """
    found = [value for value in values_of(modules) if isinstance(value, AssetChecksDefinition)]
    if asset_key_prefix is None:
        return found
    prefix = asset_key_prefix
    about = {key: key.with_prefix(prefix) for check in found for key in check.asset_keys}
    return [
        replace(
            check,
            specs=tuple(_moved(spec, about) for spec in check.specs),
            arguments=check.arguments.settled(about),
        )
        for check in found
    ]


def load_asset_checks_from_current_module(
    asset_key_prefix: Prefix | None = None,
) -> list[AssetChecksDefinition]:
    """`load_asset_checks_from_modules` for the module that calls this, as far as it is executed."""
    return load_asset_checks_from_modules([calling_module()], asset_key_prefix)


def load_asset_checks_from_package_module(
    package_module: ModuleType, asset_key_prefix: Prefix | None = None
) -> list[AssetChecksDefinition]:
    """`load_asset_checks_from_modules` for a package and every module below it."""
    return load_asset_checks_from_modules(modules_below(package_module), asset_key_prefix)


def load_asset_checks_from_package_name(
    package_name: str, asset_key_prefix: Prefix | None = None
) -> list[AssetChecksDefinition]:
    """`load_asset_checks_from_package_module` for the package of this name."""
    package = importlib.import_module(package_name)
    return load_asset_checks_from_package_module(package, asset_key_prefix)


def map_asset_specs(
    func: Callable[[AssetSpec], AssetSpec], iterable: Iterable[Asset]
) -> list[Asset]:
    """The same assets with `func` of each spec in its place, and who depends on a changed key too.

    `func` mostly calls `spec.replace_attributes` or `.merge_attributes`. Raises DefinitionError
    where it gives no AssetSpec, or takes away a dependency whose value a function receives.
    """
    assets = list(iterable)
    new: dict[int, AssetSpec] = {}
    renamed: dict[AssetKey, AssetKey | None] = {}
    for asset in assets:
        for spec in specs_of(asset):
            changed = new[id(spec)] = func(spec)
            if not isinstance(changed, AssetSpec):
                raise DefinitionError(
                    f"map_asset_specs: the function gave {changed!r} for {spec.key}; return an "
                    f"AssetSpec. At {spec.place}"
                )
            if changed.key != spec.key:
                renamed[spec.key] = changed.key
    return [
        new[id(asset)] if isinstance(asset, AssetSpec) else _with_specs(asset, new, renamed)
        for asset in assets
    ]


def apply_freshness_policy(
    spec: AssetSpec,
    policy: FreshnessPolicy,
    overwrite_existing: bool = True,  # noqa: FBT001, FBT002 - the reference's signature
) -> AssetSpec:
    """The spec with a freshness policy; for `map_asset_specs`."""
    if spec.freshness_policy is not None and not overwrite_existing:
        return spec
    return spec.replace_attributes(freshness_policy=policy)


def specs_of(asset: Asset) -> tuple[AssetSpec, ...]:
    """The specs of a definition, or the spec itself."""
    return (asset,) if isinstance(asset, AssetSpec) else asset.specs


def values_of(modules: Iterable[ModuleType]) -> Iterable[object]:
    """What stands at the top level of modules, in the order in which it is written, each once."""
    seen: set[int] = set()
    for module in modules:
        for value in list(vars(module).values()):
            if id(value) not in seen:
                seen.add(id(value))
                yield value


def modules_below(package: ModuleType) -> list[ModuleType]:
    """A package and every module below it, imported. Raises DefinitionError for a plain module."""
    paths = getattr(package, "__path__", None)
    if paths is None:
        raise DefinitionError(
            f"{package.__name__} is a module, not a package; use load_assets_from_modules."
        )
    below = sorted(found.name for found in pkgutil.walk_packages(paths, f"{package.__name__}."))
    return [package, *map(importlib.import_module, below)]


def calling_module(depth: int = 2) -> ModuleType:
    """The module whose code called the caller."""
    name = sys._getframe(depth).f_globals["__name__"]  # noqa: SLF001 - inspect.stack() reads source files
    return sys.modules[name]


def _completed(spec: AssetSpec, given: Mapping[str, object]) -> AssetSpec:
    """The spec with what it does not say itself."""
    said = {"group_name": spec.group_name != "default"}
    wanted = {
        name: value
        for name, value in given.items()
        if not said.get(name, getattr(spec, name) is not None)
    }
    return spec.replace_attributes(**wanted) if wanted else spec


def _prefixed(assets: list[Asset], prefix: Prefix) -> list[Asset]:
    return map_asset_specs(
        lambda spec: spec.replace_attributes(key=spec.key.with_prefix(prefix)), assets
    )


def _with_specs(
    asset: AssetsDefinition,
    new: Mapping[int, AssetSpec],
    renamed: Mapping[AssetKey, AssetKey | None],
) -> AssetsDefinition:
    specs = tuple(new[id(spec)] for spec in asset.specs)
    own = {old.key: spec.key for old, spec in zip(asset.specs, specs, strict=True)}
    deps = {dep for spec in specs for dep in spec.reads}
    for argument, key in asset.arguments.inputs.items():
        if key not in deps:
            raise DefinitionError(
                f"map_asset_specs: {asset.name} receives the value of {key} as its argument "
                f"{argument}, and no longer depends on it. Keep it in deps. At {asset.place}"
            )
    changed = replace(
        asset,
        specs=specs,
        io_manager_keys={own[key]: name for key, name in asset.io_manager_keys.items()},
        check_specs=tuple(_moved(check, own) for check in asset.check_specs),
    )
    return changed.settled(renamed) if renamed else changed


def _moved(check: AssetCheckSpec, renamed: Mapping[AssetKey, AssetKey]) -> AssetCheckSpec:
    others = tuple(
        renamed.get(key, key) for key in map(AssetKey.from_coercible, check.additional_deps)
    )
    moved = renamed.get(check.asset_key, check.asset_key)
    return replace(check, asset=moved, additional_deps=others)
