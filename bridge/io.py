"""IO managers: how the value of an asset reaches storage and comes back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from bridge.errors import InputError, OutputError
from bridge.events import PlainValue, metadata_values
from bridge.keys import AssetKey

_FRAMES = {"pandas": "pandas.DataFrame", "polars": "polars.DataFrame", "pyarrow": "pyarrow.Table"}


@dataclass(slots=True)
class OutputContext:
    """What an IO manager may know while it stores one value.

    `confirm` raises ClaimLostError if another writer took over: call it right before publishing.
    """

    asset_key: AssetKey
    partition_key: str | None
    run_id: str
    confirm: Callable[[], None] = lambda: None
    metadata: dict[str, PlainValue] = field(default_factory=dict)

    @property
    def has_partition_key(self) -> bool:
        """Whether one partition is stored, rather than the whole asset."""
        return self.partition_key is not None

    def add_output_metadata(self, metadata: dict[str, object]) -> None:
        """Add to what is recorded with the materialization."""
        self.metadata.update(metadata_values(metadata))


@dataclass(frozen=True, slots=True)
class InputContext:
    """What an IO manager may know while it loads one value; `metadata` is the argument's own."""

    asset_key: AssetKey
    partition_key: str | None
    expected_type: Any
    for_asset: AssetKey
    metadata: Mapping[str, PlainValue] = field(default_factory=dict)

    @property
    def has_partition_key(self) -> bool:
        """Whether one partition is asked for, rather than the whole asset."""
        return self.partition_key is not None


class IOManager(Protocol):
    """Stores and loads values of assets.

    One object serves many assets, also from several processes.
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
