"""Assets as users write them: AssetSpec says what one is, `@asset` adds how it is computed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, overload

from bridge.arguments import Arguments, arguments_of
from bridge.errors import DefinitionError
from bridge.events import PlainValue, metadata_values
from bridge.freshness import TimeWindowFreshnessPolicy
from bridge.keys import AssetKey, CoercibleToAssetKey, coerce_keys
from bridge.partitions import PartitionsDefinition
from bridge.places import Place, calling_place, place_of

DEFAULT_GROUP = "default"
_GROUP = re.compile(r"[A-Za-z0-9_]+(/[A-Za-z0-9_]+)*")
_TAG_KEY = re.compile(r"([A-Za-z0-9_.-]{1,63}/)?[A-Za-z0-9_.-]{1,63}")
_TAG_VALUE = re.compile(r"[A-Za-z0-9_.-]{0,63}")
_OWNER = re.compile(r"team:\S+|[^@\s]+@[^@\s]+\.[^@\s]+")
_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, init=False)
class AssetSpec:
    """What an asset is, without how it is computed; alone, an asset that something else writes.

    `uri` is the dataset's name outside (`bridge.uris`). `produced_by` names the outside tasks that
    write it, as `<instance>:<dag_id>.<task_id>`; such a spec and an `@asset` of the same key are
    one asset. Raises DefinitionError for a value that the catalog or Airflow could not carry.
    """

    key: AssetKey
    deps: tuple[AssetKey, ...]
    description: str | None
    group_name: str
    owners: tuple[str, ...]
    tags: Mapping[str, str]
    kinds: frozenset[str]
    metadata: Mapping[str, PlainValue]
    code_version: str | None
    partitions_def: PartitionsDefinition | None
    freshness_policy: TimeWindowFreshnessPolicy | None
    uri: str | None
    produced_by: tuple[str, ...]
    place: Place

    def __init__(
        self,
        key: CoercibleToAssetKey,
        *,
        deps: Iterable[CoercibleToAssetKey] = (),
        description: str | None = None,
        group_name: str | None = None,
        owners: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
        kinds: Iterable[str] = (),
        metadata: Mapping[str, object] | None = None,
        code_version: str | None = None,
        partitions_def: PartitionsDefinition | None = None,
        freshness_policy: TimeWindowFreshnessPolicy | None = None,
        uri: str | None = None,
        produced_by: Sequence[str] = (),
        place: Place | None = None,
    ) -> None:
        set_field = object.__setattr__
        set_field(self, "place", place or calling_place())
        set_field(self, "key", AssetKey.from_coercible(key))
        set_field(self, "deps", tuple(dict.fromkeys(coerce_keys(deps))))
        set_field(self, "description", description)
        set_field(self, "group_name", group_name or DEFAULT_GROUP)
        set_field(self, "owners", tuple(owners))
        set_field(self, "tags", dict(tags) if tags else {})
        set_field(self, "kinds", frozenset(kinds))
        set_field(self, "metadata", metadata_values(metadata) if metadata else {})
        set_field(self, "code_version", code_version)
        set_field(self, "partitions_def", partitions_def)
        set_field(self, "freshness_policy", freshness_policy)
        set_field(self, "uri", uri)
        set_field(self, "produced_by", tuple(produced_by))
        self._validate()

    def _validate(self) -> None:
        if self.group_name != DEFAULT_GROUP and not _GROUP.fullmatch(self.group_name):
            raise self._wrong(
                "group_name", self.group_name, "letters, digits, _ and / between words"
            )
        for owner in self.owners:
            if not _OWNER.fullmatch(owner):
                raise self._wrong("owner", owner, "an e-mail address or team:name")
        for name, value in self.tags.items():
            if not isinstance(name, str) or not _TAG_KEY.fullmatch(name):
                raise self._wrong(
                    "tag", name, "up to 63 of A-Z a-z 0-9 _ . -, with an optional prefix/"
                )
            if not isinstance(value, str) or not _TAG_VALUE.fullmatch(value):
                raise self._wrong(f"tag {name}", value, "up to 63 of A-Z a-z 0-9 _ . -")

    def _wrong(self, field: str, value: object, allowed: str) -> DefinitionError:
        return DefinitionError(
            f"Asset {self.key} has {field} {value!r}; use {allowed}. At {self.place}"
        )


@dataclass(frozen=True, slots=True)
class MaterializeResult:
    """Returned by a function that stored its data itself: only facts about it, no value."""

    metadata: Mapping[str, object] | None = None
    data_version: str | None = None


@dataclass(frozen=True, slots=True)
class AssetsDefinition:
    """An asset and the function that computes it; calling it calls the function."""

    spec: AssetSpec
    function: Callable[..., Any]
    arguments: Arguments
    io_manager_key: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's own result, for tests."""
        return self.function(*args, **kwargs)

    @property
    def key(self) -> AssetKey:
        """The asset's key."""
        return self.spec.key

    def with_inputs(
        self, inputs: Mapping[str, AssetKey], deps: tuple[AssetKey, ...]
    ) -> AssetsDefinition:
        """The same asset with its arguments and dependencies settled."""
        arguments = replace(self.arguments, inputs=inputs)
        return replace(self, arguments=arguments, spec=replace_deps(self.spec, deps))


def replace_deps(spec: AssetSpec, deps: tuple[AssetKey, ...]) -> AssetSpec:
    """The same spec with other dependencies."""
    copied = object.__new__(AssetSpec)
    for name in AssetSpec.__slots__:
        object.__setattr__(copied, name, getattr(spec, name))
    object.__setattr__(copied, "deps", deps)
    return copied


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
    partitions_def: PartitionsDefinition | None = ...,
    freshness_policy: TimeWindowFreshnessPolicy | None = ...,
    io_manager_key: str = ...,
    uri: str | None = ...,
) -> Callable[[_F], AssetsDefinition]: ...


def asset(
    function: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    key: CoercibleToAssetKey | None = None,
    key_prefix: str | Sequence[str] | None = None,
    deps: Iterable[CoercibleToAssetKey] = (),
    compute_kind: str | None = None,
    kinds: Iterable[str] = (),
    io_manager_key: str = "io_manager",
    description: str | None = None,
    **described: Any,
) -> AssetsDefinition | Callable[[Callable[..., Any]], AssetsDefinition]:
    """Make a function the definition of an asset, named after it.

    The function may take `context` first; every other argument without a default is the value of
    the upstream asset of that name. `deps` are upstream without a value; naming one both ways is
    naming it once. Raises DefinitionError for a value that the catalog or Airflow could not carry.
    """
    if key is not None and (name is not None or key_prefix is not None):
        raise DefinitionError(
            f"Give key={key!r} or name= and key_prefix=, not both. At {calling_place()}"
        )
    explicit = tuple(dict.fromkeys(coerce_keys(deps)))
    all_kinds = {*kinds, compute_kind} if compute_kind else kinds

    def decorate(function: Callable[..., Any]) -> AssetsDefinition:
        own_key = (
            AssetKey(name or function.__name__) if key is None else AssetKey.from_coercible(key)
        )
        if key_prefix is not None:
            own_key = own_key.with_prefix(key_prefix)
        arguments = arguments_of(function, known=explicit)
        spec = AssetSpec(
            own_key,
            deps=(*explicit, *arguments.inputs.values()),
            kinds=all_kinds,
            description=description or function.__doc__,
            place=place_of(function),
            **described,
        )
        return AssetsDefinition(spec, function, arguments, io_manager_key)

    return decorate if function is None else decorate(function)
