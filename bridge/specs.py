"""AssetSpec: what an asset is, without how it is computed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge.errors import DefinitionError
from bridge.events import PlainValue, metadata_values
from bridge.keys import AssetKey, CoercibleToAssetKey, coerce_keys
from bridge.partitions import PartitionMapping, PartitionsDefinition
from bridge.places import Place, calling_place

if TYPE_CHECKING:
    from bridge.conditions import AutomationCondition
    from bridge.freshness import FreshnessPolicy

DEFAULT_GROUP = "default"
_GROUP = re.compile(r"[A-Za-z0-9_]+(/[A-Za-z0-9_]+)*")
_TAG_KEY = re.compile(r"([A-Za-z0-9_.-]{1,63}/)?[A-Za-z0-9_.-]{1,63}")
_TAG_VALUE = re.compile(r"[A-Za-z0-9_.-]{0,63}")
_OWNER = re.compile(r"team:\S+|[^@\s]+@[^@\s]+\.[^@\s]+")
_A_MAPPING = "a PartitionMapping, such as TimeWindowPartitionMapping(start_offset=-1)"
_NO_MAPPINGS: Mapping[AssetKey, PartitionMapping] = {}


@dataclass(frozen=True, slots=True, init=False)
class AssetSpec:
    """What an asset is, without how it is computed; alone, an asset that something else writes.

    `mappings` are those that `deps` declared, by upstream; its own key among them, which `deps`
    never holds, means that partitions read earlier ones of the same asset.
    `uri` is the dataset's name outside (`bridge.uris`). `produced_by` names the outside tasks that
    write it, as `<instance>:<dag_id>.<task_id>`; such a spec and an `@asset` of the same key are
    one asset. `skippable`: its function may leave it out, and what depends on it is then skipped.
    Raises DefinitionError for a value that the catalog or Airflow could not carry.
    """

    key: AssetKey
    deps: tuple[AssetKey, ...]
    mappings: Mapping[AssetKey, PartitionMapping]
    description: str | None
    group_name: str
    owners: tuple[str, ...]
    tags: Mapping[str, str]
    kinds: frozenset[str]
    metadata: Mapping[str, PlainValue]
    code_version: str | None
    skippable: bool
    partitions_def: PartitionsDefinition | None
    freshness_policy: FreshnessPolicy | None
    automation_condition: AutomationCondition | None
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
        skippable: bool = False,
        partitions_def: PartitionsDefinition | None = None,
        freshness_policy: FreshnessPolicy | None = None,
        automation_condition: AutomationCondition | None = None,
        uri: str | None = None,
        produced_by: Sequence[str] = (),
        place: Place | None = None,
    ) -> None:
        set_field = object.__setattr__
        set_field(self, "place", place or calling_place())
        set_field(self, "key", AssetKey.from_coercible(key))
        found, mappings = self._dependencies(tuple(deps))
        set_field(self, "deps", found)
        set_field(self, "mappings", mappings)
        set_field(self, "description", description)
        set_field(self, "group_name", DEFAULT_GROUP if group_name is None else group_name)
        set_field(self, "owners", tuple(owners))
        set_field(self, "tags", dict(tags) if tags else {})
        set_field(self, "kinds", frozenset(kinds))
        set_field(self, "metadata", metadata_values(metadata) if metadata else {})
        set_field(self, "code_version", code_version)
        set_field(self, "skippable", skippable)
        set_field(self, "partitions_def", partitions_def)
        set_field(self, "freshness_policy", freshness_policy)
        set_field(self, "automation_condition", automation_condition)
        set_field(self, "uri", uri)
        set_field(self, "produced_by", tuple(produced_by))
        self._validate()

    @property
    def reads(self) -> tuple[AssetKey, ...]:
        """Its upstream, and itself where its partitions read earlier ones."""
        return (*self.deps, self.key) if self.mappings and self.key in self.mappings else self.deps

    def replace_attributes(self, **attributes: Any) -> AssetSpec:
        """The same with other values for some of what `AssetSpec(…)` takes."""
        said: dict[str, Any] = {name: getattr(self, name) for name in AssetSpec.__slots__}
        mappings = said.pop("mappings")
        said["deps"] = [AssetDep(key, mappings.get(key)) for key in self.reads]
        return AssetSpec(**(said | attributes))

    def merge_attributes(
        self,
        *,
        deps: Iterable[CoercibleToAssetKey] = (),
        metadata: Mapping[str, object] | None = None,
        owners: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
        kinds: Iterable[str] = (),
    ) -> AssetSpec:
        """The same with more dependencies, metadata, owners, tags and kinds."""
        return self.replace_attributes(
            deps=[*(AssetDep(key, self.mappings.get(key)) for key in self.reads), *deps],
            metadata={**self.metadata, **(metadata or {})},
            owners=tuple(dict.fromkeys((*self.owners, *owners))),
            tags={**self.tags, **(tags or {})},
            kinds={*self.kinds, *kinds},
        )

    def _dependencies(
        self, given: tuple[CoercibleToAssetKey, ...]
    ) -> tuple[tuple[AssetKey, ...], Mapping[AssetKey, PartitionMapping]]:
        keys = tuple(dict.fromkeys(coerce_keys(given)))
        if AssetDep not in map(type, given):
            return keys, _NO_MAPPINGS
        mappings: dict[AssetKey, PartitionMapping] = {}
        for each in given:
            if not isinstance(each, AssetDep) or each.partition_mapping is None:
                continue
            mapping = each.partition_mapping
            if not isinstance(mapping, PartitionMapping):
                raise self._wrong(f"for {each.key} the partition_mapping", mapping, _A_MAPPING)
            if mappings.setdefault(each.key, mapping) != mapping:
                raise DefinitionError(
                    f"Asset {self.key} depends on {each.key} with two partition mappings, "
                    f"{mappings[each.key]} and {mapping}. Keep one. At {self.place}"
                )
        if self.key in mappings:
            keys = tuple(key for key in keys if key != self.key)
        return keys, mappings or _NO_MAPPINGS

    def _validate(self) -> None:
        if not any(self.key.path):
            raise DefinitionError(
                f"An asset has the key {list(self.key.path)!r}, which names nothing; use "
                f"at least one name. At {self.place}"
            )
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
        if self.automation_condition is not None:
            from bridge.conditions import require_about  # noqa: PLC0415 - only where there is one

            require_about(self.automation_condition, "asset", f"Asset {self.key}", self.place)

    def _wrong(self, field: str, value: object, allowed: str) -> DefinitionError:
        return DefinitionError(
            f"Asset {self.key} has {field} {value!r}; use {allowed}. At {self.place}"
        )


@dataclass(frozen=True, slots=True)
class AssetDep:
    """An upstream asset in `deps=`, and which of its partitions each of the reader needs.

    Without `partition_mapping`, partitions go together by time, by key, or by dimension.
    """

    asset: CoercibleToAssetKey
    partition_mapping: PartitionMapping | None = None

    @property
    def key(self) -> AssetKey:
        """The upstream asset's key."""
        return AssetKey.from_coercible(self.asset)


def replace_deps(
    spec: AssetSpec,
    deps: Iterable[AssetKey],
    mappings: Mapping[AssetKey, PartitionMapping] | None = None,
) -> AssetSpec:
    """The same spec with other dependencies, and with other mappings where they are given."""
    said = (spec.mappings if mappings is None else mappings) or _NO_MAPPINGS
    others = dict.fromkeys(dep for dep in deps if dep != spec.key or dep not in said)
    return _changed(spec, deps=tuple(others), mappings=said)


def replace_partitions(spec: AssetSpec, partitions_def: PartitionsDefinition) -> AssetSpec:
    """The same spec with other partitions."""
    return _changed(spec, partitions_def=partitions_def)


def _changed(spec: AssetSpec, **fields: object) -> AssetSpec:
    copied = object.__new__(AssetSpec)
    for name in AssetSpec.__slots__:
        object.__setattr__(copied, name, fields[name] if name in fields else getattr(spec, name))
    return copied
