"""IO managers: how the value of an asset reaches storage and comes back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from bridge.errors import InputError, OutputError, PartitionError
from bridge.events import PlainValue, metadata_values
from bridge.keys import AssetKey
from bridge.partitions import PartitionKeyRange, PartitionsDefinition, TimeWindow, span_of

_FRAMES = {"pandas": "pandas.DataFrame", "polars": "polars.DataFrame", "pyarrow": "pyarrow.Table"}


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
        return PartitionKeyRange(keys[0], keys[-1])

    @property
    def asset_partitions_time_window(self) -> TimeWindow:
        """Half-open UTC window from the first to the last partition.

        Raises PartitionError where they are no windows of time.
        """
        keys, cut = self.asset_partition_keys, self.asset_partitions_def
        window = None if cut is None else span_of(cut, keys)
        if window is None:
            raise PartitionError(f"{self.asset_key} has no partitions that are windows of time.")
        return window


@dataclass(slots=True)
class OutputContext(_Partitions):
    """What an IO manager may know while it stores one value.

    `partition_key` is None for the whole asset, and for several `partitions`. `confirm` raises
    ClaimLostError if another writer took over: call it right before publishing.
    """

    asset_key: AssetKey
    partition_key: str | None
    run_id: str
    confirm: Callable[[], None] = lambda: None
    metadata: dict[str, PlainValue] = field(default_factory=dict)
    partitions: Sequence[str] = ()
    asset_partitions_def: PartitionsDefinition | None = None

    def add_output_metadata(self, metadata: dict[str, object]) -> None:
        """Add to what is recorded with the materialization."""
        self.metadata.update(metadata_values(metadata))


@dataclass(frozen=True, slots=True)
class InputContext(_Partitions):
    """What an IO manager may know while it loads one value; `metadata` is the argument's own.

    `partition_key` is None for the whole asset, and for several `partitions`.
    """

    asset_key: AssetKey
    partition_key: str | None
    expected_type: Any
    for_asset: AssetKey
    metadata: Mapping[str, PlainValue] = field(default_factory=dict)
    partitions: Sequence[str] = ()
    asset_partitions_def: PartitionsDefinition | None = None


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


class FilesystemIOManager:
    """Files below `base_dir`: Parquet for pandas, polars and Arrow frames, JSON for plain values.

    Other types are refused with what to do instead; nothing is ever pickled.
    """

    def __init__(self, base_dir: str | Path) -> None:
        self.base_dir = Path(base_dir)

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Write beside the target, confirm the claim, then swap in by an atomic rename."""
        frame = _frame_library(obj)
        suffix = ".parquet" if frame else ".json"
        target = self._path(context.asset_key, context.partition_key, suffix)
        target.parent.mkdir(parents=True, exist_ok=True)
        staged = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        try:
            if frame:
                _write_parquet(frame, obj, staged)
            else:
                staged.write_text(_json_text(context.asset_key, obj), encoding="utf-8")
            context.confirm()
            staged.replace(target)
        finally:
            staged.unlink(missing_ok=True)
        other = target.with_suffix(".json" if frame else ".parquet")
        other.unlink(missing_ok=True)
        context.add_output_metadata({"path": str(target), "size_bytes": target.stat().st_size})

    def load_input(self, context: InputContext) -> Any:
        """The value in the annotated type: pandas unless it says polars or Arrow."""
        parquet = self._path(context.asset_key, context.partition_key, ".parquet")
        if parquet.exists():
            return _read_parquet(parquet, _wanted_library(context.expected_type))
        plain = parquet.with_suffix(".json")
        if plain.exists():
            return json.loads(plain.read_text(encoding="utf-8"))
        where = f"partition {context.partition_key} of " if context.has_partition_key else ""
        raise InputError(
            f"{context.for_asset} takes the value of {where}{context.asset_key}, and none is "
            f"stored at {parquet.parent}. Materialize {context.asset_key} first; if it stores its "
            "data itself, name it in deps= instead of as an argument."
        )

    def _path(self, key: AssetKey, partition: str | None, suffix: str) -> Path:
        components = [_file_name(component) for component in key.path]
        folder = self.base_dir.joinpath(*components)
        return folder / f"{'value' if partition is None else '=' + _file_name(partition)}{suffix}"


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


def _file_name(text: str) -> str:
    """Injective, and safe as one path component on every system."""
    quoted = quote(text, safe=" +,;@()[]{}~-_.")
    if not quoted:
        return "%"  # quote() never gives it alone
    return quoted.replace(".", "%2E") if set(quoted) <= {"."} else quoted


def _frame_library(value: object) -> str | None:
    kind = type(value)
    library = kind.__module__.partition(".")[0]
    known = _FRAMES.get(library)
    return library if known is not None and known.endswith("." + kind.__name__) else None


def _wanted_library(expected: Any) -> str:
    library = getattr(expected, "__module__", "").partition(".")[0]
    return library if library in _FRAMES else "pandas"


def _write_parquet(library: str, frame: Any, path: Path) -> None:
    try:
        if library == "pandas":
            frame.to_parquet(path)
        elif library == "polars":
            frame.write_parquet(path)
        else:
            from pyarrow import parquet  # noqa: PLC0415 - optional, loaded on first use

            parquet.write_table(frame, path)
    except ImportError as error:
        raise OutputError(
            f"Storing a {_FRAMES[library]} as Parquet needs pyarrow: "
            "pip install 'airflow-asset-bridge[duckdb]'"
        ) from error


def _read_parquet(path: Path, library: str) -> Any:
    try:
        if library == "polars":
            import polars as pl  # noqa: PLC0415 - optional, loaded on first use

            return pl.read_parquet(path)
        if library == "pyarrow":
            from pyarrow import parquet  # noqa: PLC0415 - optional, loaded on first use

            return parquet.read_table(path)
        import pandas as pd  # noqa: PLC0415 - optional, loaded on first use

        return pd.read_parquet(path)
    except ImportError as error:
        raise InputError(
            f"Reading {path} needs {library} and pyarrow: pip install "
            "'airflow-asset-bridge[duckdb]'"
        ) from error


def _json_text(key: AssetKey, value: object) -> str:
    why = "it would not come back equal"
    try:
        text = json.dumps(value, allow_nan=False)
        if json.loads(text) == value:
            return text
    except (TypeError, ValueError) as error:
        why = str(error)
    raise OutputError(
        f"{key} returned a {type(value).__module__}.{type(value).__qualname__}, which cannot be "
        f"stored safely ({why}). Return a frame or plain JSON values, or store it yourself and "
        "return a MaterializeResult."
    )
