"""Assets as users write them: `@asset` says of an AssetSpec how it is computed."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, overload

from bridge.arguments import Arguments, AssetIn, arguments_of
from bridge.backfill_policy import BackfillPolicy
from bridge.checks import AssetCheckSpec
from bridge.errors import DefinitionError, DuplicateKeyError
from bridge.keys import AssetKey, CoercibleToAssetKey, coerce_keys
from bridge.later import Later
from bridge.partitions import PartitionsDefinition
from bridge.places import Place, calling_place, place_of
from bridge.retries import RetryPolicy
from bridge.specs import AssetDep, AssetSpec, replace_deps

if TYPE_CHECKING:
    from bridge import ops
    from bridge.conditions import AutomationCondition
    from bridge.freshness import FreshnessPolicy
    from bridge.ops import OpDefinition
else:
    ops = Later("bridge.ops")

IO_MANAGER = "io_manager"
_COMPONENT = re.compile(r"[A-Za-z0-9_.-]+")
_RESERVED = frozenset({*keyword.kwlist, "context", "config"})
_ONE_OUTPUT = ("result",)
_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class AssetsDefinition:
    """One or more assets and the function that computes them; calling it calls the function.

    `name` is the function's in configuration and messages; `output_names` stand in the order of
    `specs`. `check_specs` are answered by the function itself. `passes_values`: an asset that the
    function neither gives nor may leave out is an error, rather than stored by the function itself.
    An `is_observation` only looks at what something else writes. `backfill_policy` says how many
    partitions a call takes, one where it is None. Calls that share a `pool` take turns, as many at
    once as the project's settings say.
    """

    specs: tuple[AssetSpec, ...]
    function: Callable[..., Any]
    arguments: Arguments
    name: str
    io_manager_keys: Mapping[AssetKey, str]
    resource_keys: frozenset[str] = frozenset()
    check_specs: tuple[AssetCheckSpec, ...] = ()
    retry_policy: RetryPolicy | None = None
    output_names: tuple[str, ...] = _ONE_OUTPUT
    can_subset: bool = False
    passes_values: bool = True
    is_observation: bool = False
    backfill_policy: BackfillPolicy | None = None
    pool: str | None = None

    def __post_init__(self) -> None:
        if self.pool is not None and not (isinstance(self.pool, str) and self.pool.strip()):
            raise DefinitionError(
                f"Asset {self.specs[0].key} has the pool {self.pool!r}; give it a name, such as "
                f"'db', whose limit is in the project's settings. At {self.place}"
            )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's own result, for tests."""
        return self.function(*args, **kwargs)

    @staticmethod
    def from_op(op: OpDefinition, **settings: Any) -> AssetsDefinition:
        """An asset that a computation makes, called like it; `settings` are those of `@asset`."""
        said: dict[str, Any] = {
            "description": op.description,
            "required_resource_keys": op.required_resource_keys,
            "retry_policy": op.retry_policy,
        }
        if settings.get("key") is None:
            said["name"] = op.name
        made: AssetsDefinition = asset(**(said | settings))(op.function)
        return made

    @property
    def op(self) -> OpDefinition:
        """The computation behind these assets: what it takes, gives and needs."""
        return ops.OpDefinition(
            self.name,
            self.function,
            self.arguments,
            self.place,
            self.function.__doc__,
            self.output_names,
            self.resource_keys.union(self.arguments.resources),
            {},
            self.retry_policy,
        )

    @property
    def spec(self) -> AssetSpec:
        """The only asset's. Raises DefinitionError where the function computes several."""
        if len(self.specs) != 1:
            names = ", ".join(str(spec.key) for spec in self.specs)
            raise DefinitionError(
                f"{self.name} computes {names}; name the one that is meant. At {self.place}"
            )
        return self.specs[0]

    @property
    def key(self) -> AssetKey:
        """The only asset's key. Raises DefinitionError where the function computes several."""
        return self.spec.key

    @property
    def keys(self) -> tuple[AssetKey, ...]:
        """The keys of all its assets, in the order of definition."""
        return tuple(spec.key for spec in self.specs)

    @property
    def place(self) -> Place:
        """Where the function is written."""
        return self.specs[0].place

    def io_manager_key(self, key: AssetKey) -> str:
        """The name of the IO manager that stores one of its assets."""
        return self.io_manager_keys.get(key, IO_MANAGER)

    def output_name(self, key: AssetKey) -> str:
        """The name of one of its assets in `Output(output_name=…)`."""
        return self.output_names[self.keys.index(key)]

    def settled(self, renamed: Mapping[AssetKey, AssetKey | None]) -> AssetsDefinition:
        """The same with other upstream assets; None for what turned out to be a resource."""
        specs = tuple(
            replace_deps(
                spec,
                [k for dep in spec.deps if (k := renamed.get(dep, dep)) is not None],
                {
                    key: mapping
                    for dep, mapping in spec.mappings.items()
                    if (key := renamed.get(dep, dep)) is not None
                },
            )
            for spec in self.specs
        )
        return replace(self, arguments=self.arguments.settled(renamed), specs=specs)


def upstream_of(arguments: Arguments) -> tuple[AssetKey | AssetDep, ...]:
    """The assets that arguments receive, as dependencies."""
    if not arguments.mappings:
        return tuple(arguments.inputs.values())
    return tuple(
        AssetDep(key, arguments.mappings.get(name)) for name, key in arguments.inputs.items()
    )


def require_computable(spec: AssetSpec) -> None:
    """Raise DefinitionError where the key could not be a task's or an argument's name."""
    path = spec.key.path
    if not all(map(_COMPONENT.fullmatch, path)):
        allowed = "letters A-Z, digits, _ . and - in each part of its key"
    elif len(path) == 1 and path[0] in _RESERVED:
        allowed = "another name, which an argument can have"
    else:
        return
    raise DefinitionError(f"An asset is called {str(spec.key)!r}; use {allowed}. At {spec.place}")


@overload
def asset(function: _F) -> AssetsDefinition: ...


@overload
def asset(
    *,
    name: str | None = ...,
    key: CoercibleToAssetKey | None = ...,
    key_prefix: str | Sequence[str] | None = ...,
    deps: Iterable[CoercibleToAssetKey] = ...,
    group_name: str | None = ...,
    description: str | None = ...,
    owners: Sequence[str] = ...,
    tags: Mapping[str, str] | None = ...,
    compute_kind: str | None = ...,
    kinds: Iterable[str] = ...,
    metadata: Mapping[str, object] | None = ...,
    code_version: str | None = ...,
    output_required: bool = ...,
    ins: Mapping[str, AssetIn] | None = ...,
    check_specs: Iterable[AssetCheckSpec] = ...,
    retry_policy: RetryPolicy | None = ...,
    backfill_policy: BackfillPolicy | None = ...,
    pool: str | None = ...,
    required_resource_keys: Iterable[str] = ...,
    partitions_def: PartitionsDefinition | None = ...,
    freshness_policy: FreshnessPolicy | None = ...,
    automation_condition: AutomationCondition | None = ...,
    io_manager_key: str = ...,
    uri: str | None = ...,
) -> Callable[[_F], AssetsDefinition]: ...


def asset(
    function: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    key: CoercibleToAssetKey | None = None,
    key_prefix: str | Sequence[str] | None = None,
    ins: Mapping[str, AssetIn] | None = None,
    deps: Iterable[CoercibleToAssetKey] = (),
    compute_kind: str | None = None,
    kinds: Iterable[str] = (),
    io_manager_key: str = IO_MANAGER,
    description: str | None = None,
    output_required: bool = True,
    check_specs: Iterable[AssetCheckSpec] = (),
    retry_policy: RetryPolicy | None = None,
    backfill_policy: BackfillPolicy | None = None,
    pool: str | None = None,
    required_resource_keys: Iterable[str] = (),
    **described: Any,
) -> AssetsDefinition | Callable[[Callable[..., Any]], AssetsDefinition]:
    """Make a function the definition of an asset, named after it.

    The function may take `context` first and a `config` model; an argument annotated as a resource,
    or called like one, receives it; every other one without a default is the value of the upstream
    asset of that name, or of the one that `ins` says. `deps` are upstream without a value; naming
    one both ways is naming it once. With `output_required=False` it may yield nothing. Raises
    DefinitionError for a value that the catalog or Airflow could not carry.
    """
    if key is not None and (name is not None or key_prefix is not None):
        raise DefinitionError(
            f"Give key={key!r} or name= and key_prefix=, not both. At {calling_place()}"
        )
    given = tuple(
        dep if isinstance(dep, AssetDep) else AssetKey.from_coercible(dep) for dep in deps
    )
    explicit = coerce_keys(given)
    all_kinds = {*kinds, compute_kind} if compute_kind else kinds

    def decorate(function: Callable[..., Any]) -> AssetsDefinition:
        own_key = (
            AssetKey(name or function.__name__) if key is None else AssetKey.from_coercible(key)
        )
        if key_prefix is not None:
            own_key = own_key.with_prefix(key_prefix)
        arguments = arguments_of(function, known=explicit, ins=ins)
        spec = AssetSpec(
            own_key,
            deps=(*given, *upstream_of(arguments)),
            kinds=all_kinds,
            description=description or function.__doc__,
            skippable=not output_required,
            place=place_of(function),
            **described,
        )
        require_computable(spec)
        return AssetsDefinition(
            (spec,),
            function,
            arguments.mapped(spec.mappings),
            own_key.to_python_identifier(),
            {} if io_manager_key == IO_MANAGER else {own_key: io_manager_key},
            frozenset(required_resource_keys),
            require_own_checks(check_specs, (spec,)) if check_specs else (),
            retry_policy,
            backfill_policy=backfill_policy,
            pool=pool,
        )

    return decorate if function is None else decorate(function)


def observable_source_asset(
    function: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    key: CoercibleToAssetKey | None = None,
    key_prefix: str | Sequence[str] | None = None,
    **described: Any,
) -> AssetsDefinition | Callable[[Callable[..., Any]], AssetsDefinition]:
    """Make a function look at an asset that something else writes: `observe` calls it.

    It returns an ObserveResult, or a data version as text. `described` are those of `@asset`.
    """

    def decorate(function: Callable[..., Any]) -> AssetsDefinition:
        made = asset(name=name, key=key, key_prefix=key_prefix, **described)(function)
        return replace(made, is_observation=True)

    return decorate if function is None else decorate(function)


def require_own_checks(
    check_specs: Iterable[AssetCheckSpec], specs: Sequence[AssetSpec]
) -> tuple[AssetCheckSpec, ...]:
    """The checks that a function answers itself.

    Raises DefinitionError for one about another asset, DuplicateKeyError for one declared twice.
    """
    found = tuple(check_specs)
    own = {spec.key for spec in specs}
    seen = set()
    for check in found:
        if check.asset_key not in own:
            raise DefinitionError(
                f"check_specs= of {specs[0].key} holds {check.name}, which is about "
                f"{check.asset_key}; make it an @asset_check. At {specs[0].place}"
            )
        if check.automation_condition is not None:
            raise DefinitionError(
                f"check_specs= of {specs[0].key} holds {check.name}, which has an automation "
                "condition but is answered only when its asset is computed. Give the condition to "
                f"the asset, or make the check an @asset_check. At {specs[0].place}"
            )
        if check.key in seen:
            raise DuplicateKeyError(
                f"Asset {check.asset_key} has two checks called {check.name}. Rename one. "
                f"At {specs[0].place}"
            )
        seen.add(check.key)
    return found
