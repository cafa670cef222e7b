"""IO managers: how the value of an asset reaches storage and comes back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from bridge.errors import InputError, OutputError, PartitionError
from bridge.events import PlainValue, metadata_values
from bridge.formats import Format, JsonFormat, ParquetFormat
from bridge.keys import AssetKey
from bridge.later import Later
from bridge.storage import (
    Folder,
    StoragePath,
    modified_at,
    place_of,
    published,
    shown,
    size_bytes,
    storage_path,
    swap_is_atomic,
)

if TYPE_CHECKING:
    from bridge.partitions import PartitionKeyRange, PartitionsDefinition, TimeWindow, spans
else:
    spans = Later("bridge.partitions.spans")


class _Partitions:
    """What both contexts say of the partitions of the asset that is stored or loaded."""

    __slots__ = ()

    asset_key: AssetKey
    partition_key: str | None
    partitions: Sequence[str]
    asset_partitions_def: PartitionsDefinition | None

    @property
    def has_partition_key(self) -> bool:
        """Whether it is about one partition."""
        return self.partition_key is not None

    @property
    def has_asset_partitions(self) -> bool:
        """Whether it is about one partition or several, rather than the whole asset."""
        return self.partition_key is not None or bool(self.partitions)

    @property
    def asset_partition_keys(self) -> list[str]:
        """All partitions it is about, in order. Raises PartitionError for the whole asset."""
        if self.partition_key is not None:
            return [self.partition_key]
        if not self.partitions:
            raise PartitionError(
                f"The IO manager of {self.asset_key} asked for its partitions, and it is about the "
                "whole asset. Guard with context.has_asset_partitions."
            )
        return list(self.partitions)

    @property
    def asset_partition_key(self) -> str:
        """The only partition. Raises PartitionError for several, and for the whole asset."""
        keys = self.asset_partition_keys
        if len(keys) > 1:
            raise PartitionError(
                f"The IO manager of {self.asset_key} asked for one partition, and there are "
                f"{len(keys):,}, {keys[0]} to {keys[-1]}: ask context.asset_partition_keys."
            )
        return keys[0]

    @property
    def asset_partition_key_range(self) -> PartitionKeyRange:
        """The first and the last partition. Raises PartitionError for the whole asset."""
        keys = self.asset_partition_keys
        return spans.PartitionKeyRange(keys[0], keys[-1])

    @property
    def asset_partitions_time_window(self) -> TimeWindow:
        """Half-open UTC window from the first to the last partition.

        Raises PartitionError where they are no windows of time.
        """
        keys, cut = self.asset_partition_keys, self.asset_partitions_def
        window = None if cut is None else spans.span_of(cut, keys)
        if window is None:
            raise PartitionError(f"{self.asset_key} has no partitions that are windows of time.")
        return window


@dataclass(slots=True)
class OutputContext(_Partitions):
    """What an IO manager may know while it stores one value.

    `partition_key` is None for the whole asset, and for several `partitions`. `confirm` raises
    ClaimLostError if another writer took over: call it right before publishing.
    `definition_metadata` is the asset's own, `metadata` what is recorded this time.
    """

    asset_key: AssetKey
    partition_key: str | None
    run_id: str
    confirm: Callable[[], None] = lambda: None
    metadata: dict[str, PlainValue] = field(default_factory=dict)
    partitions: Sequence[str] = ()
    asset_partitions_def: PartitionsDefinition | None = None
    definition_metadata: Mapping[str, PlainValue] = field(default_factory=dict)

    def add_output_metadata(self, metadata: Mapping[str, object]) -> None:
        """Add to what is recorded with the materialization."""
        self.metadata.update(metadata_values(metadata))


@dataclass(frozen=True, slots=True)
class InputContext(_Partitions):
    """What an IO manager may know while it loads one value; `metadata` is the argument's own.

    `partition_key` is None for the whole asset, and for several `partitions`. `upstream_metadata`
    is that of the asset that is loaded.
    """

    asset_key: AssetKey
    partition_key: str | None
    expected_type: Any
    for_asset: AssetKey
    metadata: Mapping[str, PlainValue] = field(default_factory=dict)
    partitions: Sequence[str] = ()
    asset_partitions_def: PartitionsDefinition | None = None
    upstream_metadata: Mapping[str, PlainValue] = field(default_factory=dict)

    @property
    def definition_metadata(self) -> Mapping[str, PlainValue]:
        """The argument's own metadata, in the reference's words."""
        return self.metadata

    @property
    def upstream_output(self) -> OutputContext:
        """The context in which the value was stored, as far as it is known."""
        return OutputContext(
            self.asset_key,
            self.partition_key,
            run_id="",
            partitions=self.partitions,
            asset_partitions_def=self.asset_partitions_def,
            definition_metadata=self.upstream_metadata,
        )


class IOManager(Protocol):
    """Stores and loads values of assets.

    One object serves many assets, also from several processes. What is said of several partitions
    is asked one by one, and given as a dict by key; a class with `handles_ranges = True` is asked
    once for all of them.
    """

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Store `obj`; a reader sees the old value or the new one, never half of either."""
        ...

    def load_input(self, context: InputContext) -> Any:
        """The stored value. Raises InputError where there is none."""
        ...


class UPathIOManager(ABC):
    """One file for each value, on this machine or in object storage; a subclass says how.

    It sets `extension` and writes and reads one path; staging, swapping in and places are done
    here. A missing value is an InputError before `load_from_path` is asked.
    """

    extension: ClassVar[str | None] = None

    def __init__(self, base_path: Folder) -> None:
        self.base_path = storage_path(base_path)

    @abstractmethod
    def dump_to_path(self, context: OutputContext, obj: Any, path: Any) -> None:
        """Write `obj` to `path`, a pathlib.Path or a UPath, where nothing is yet."""

    @abstractmethod
    def load_from_path(self, context: InputContext, path: Any) -> Any:
        """The value written to `path`."""

    def get_metadata(self, context: OutputContext, obj: Any) -> dict[str, object]:
        """What else to record with the materialization."""
        return {}

    def get_path(self, context: OutputContext | InputContext) -> StoragePath:
        """Where the value of an asset or partition is kept."""
        return place_of(
            self.base_path, context.asset_key, context.partition_key, self.extension or ""
        )

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Write beside the target, confirm the claim, then swap in."""
        target = self.get_path(context)
        with published(target, context.confirm) as staged:
            self.dump_to_path(context, obj, staged)
        context.add_output_metadata(_said_of(target) | self.get_metadata(context, obj))

    def load_input(self, context: InputContext) -> Any:
        """The stored value. Raises InputError where there is none."""
        path = self.get_path(context)
        if not path.exists():
            raise _nothing_stored(context, path)
        return self.load_from_path(context, path)


class FilesystemIOManager:
    """Files below `base_dir`, a folder or an address such as `s3://bucket/folder`.

    Parquet for pandas, polars and Arrow frames, JSON for plain values; `formats` come before these
    for other types. What fits none is refused with what to do instead; nothing is ever pickled.
    """

    def __init__(self, base_dir: Folder, formats: Sequence[Format] = ()) -> None:
        self.base_dir = storage_path(base_dir)
        self.formats = (*formats, ParquetFormat(), JsonFormat())

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Write beside the target, confirm the claim, then swap in."""
        chosen = next(each for each in self.formats if each.fits(obj))
        target = self._path(context.asset_key, context.partition_key, chosen.suffix)
        with published(target, context.confirm) as staged:
            try:
                with staged.open("wb") as file:
                    chosen.write(obj, file)
            except ValueError as error:
                raise _unsafe(context.asset_key, obj, str(error)) from error
        for other in self.formats:
            if other.suffix != chosen.suffix:
                old = self._path(context.asset_key, context.partition_key, other.suffix)
                if old.exists():
                    old.unlink()
        context.add_output_metadata(_said_of(target))

    def load_input(self, context: InputContext) -> Any:
        """The value in the annotated type: pandas unless it says polars or Arrow."""
        places = [
            (self._path(context.asset_key, context.partition_key, each.suffix), each)
            for each in self.formats
        ]
        found = [(path, each) for path, each in places if path.exists()]
        if not found:
            raise _nothing_stored(context, places[0][0].parent)
        # two only where a writer was killed between swapping in and removing what was there before
        path, chosen = found[0] if len(found) == 1 else max(found, key=lambda f: modified_at(f[0]))
        with path.open("rb") as file:
            return chosen.read(file, context.expected_type)

    def _path(self, key: AssetKey, partition: str | None, suffix: str) -> StoragePath:
        return place_of(self.base_dir, key, partition, suffix)


class InMemoryIOManager:
    """Values kept in this object, for tests; they end with the process."""

    def __init__(self) -> None:
        self.values: dict[tuple[AssetKey, str | None], Any] = {}

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Keep `obj` itself, not a copy."""
        context.confirm()
        self.values[context.asset_key, context.partition_key] = obj

    def load_input(self, context: InputContext) -> Any:
        """The object that was kept. Raises InputError where there is none."""
        try:
            return self.values[context.asset_key, context.partition_key]
        except KeyError:
            raise InputError(
                f"{context.for_asset} takes the value of {context.asset_key}, which was not "
                "materialized in this process."
            ) from None


def _said_of(path: StoragePath) -> dict[str, object]:
    """What is recorded of a file that was swapped in."""
    said: dict[str, object] = {"path": shown(path), "size_bytes": size_bytes(path)}
    if said["size_bytes"] is None:
        del said["size_bytes"]
    if not swap_is_atomic(path):
        said["published"] = "not at once: this storage cannot, a reader may have seen half of it"
    return said


def _nothing_stored(context: InputContext, where: StoragePath) -> InputError:
    of = f"partition {context.partition_key} of " if context.has_partition_key else ""
    return InputError(
        f"{context.for_asset} takes the value of {of}{context.asset_key}, and none is stored at "
        f"{shown(where)}. Materialize {context.asset_key} first; if another host did, let "
        "BRIDGE_STORAGE name a place that both see; if it stores its data itself, name it in deps= "
        "instead of as an argument."
    )


def _unsafe(key: AssetKey, value: object, why: str) -> OutputError:
    return OutputError(
        f"{key} returned a {type(value).__module__}.{type(value).__qualname__}, which cannot be "
        f"stored safely ({why}). Return a frame or plain JSON values, give the IO manager a format "
        "for it (formats=), or store it yourself and return a MaterializeResult."
    )
