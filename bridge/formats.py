"""How a value becomes the bytes of one file and comes back: Parquet, JSON, plain bytes.

Nothing here runs code that a file brings along; there is no pickle.
"""

from __future__ import annotations

import json
from typing import IO, Any, Protocol

from bridge.errors import InputError, OutputError

FRAMES = {
    "pandas": ("DataFrame",),
    "polars": ("DataFrame", "LazyFrame"),
    "pyarrow": ("Table",),
}
_INSTALL = "pip install 'airflow-asset-bridge[duckdb]', or [polars]"


class Format(Protocol):
    """One way of writing a value into a file, known by `suffix` (`.json`)."""

    @property
    def suffix(self) -> str:
        """How the names of its files end; no two formats of an IO manager share one."""
        ...

    def fits(self, value: object) -> bool:
        """Whether this value is written so."""
        ...

    def write(self, value: Any, file: IO[bytes]) -> None:
        """Write it. Raises ValueError, saying why, for a value that would not come back."""
        ...

    def read(self, file: IO[bytes], expected_type: Any) -> Any:
        """The value, in the annotated type where there are several."""
        ...


class ParquetFormat:
    """Frames of pandas, polars and Arrow, whichever wrote them and whichever reads."""

    suffix = ".parquet"

    def fits(self, value: object) -> bool:
        """Whether it is such a frame."""
        return frame_library(value) is not None

    def write(self, value: Any, file: IO[bytes]) -> None:
        """Write a frame. Raises OutputError where the library for it is missing."""
        library = frame_library(value)
        try:
            if library == "pandas":
                value.to_parquet(file)
            elif library == "polars":
                (value.collect() if hasattr(value, "collect") else value).write_parquet(file)
            else:
                from pyarrow import parquet  # noqa: PLC0415 - optional, loaded on first use

                parquet.write_table(value, file)
        except ImportError as error:
            raise OutputError(
                f"Storing a frame of {library} as Parquet needs pyarrow: {_INSTALL}."
            ) from error

    def read(self, file: IO[bytes], expected_type: Any) -> Any:
        """A frame of the annotated library, of pandas unless it says another."""
        library = wanted_library(expected_type)
        try:
            if library == "polars":
                import polars as pl  # noqa: PLC0415 - optional, loaded on first use

                frame = pl.read_parquet(file)
                return frame.lazy() if expected_type is pl.LazyFrame else frame
            if library == "pyarrow":
                from pyarrow import parquet  # noqa: PLC0415 - optional, loaded on first use

                return parquet.read_table(file)
            import pandas as pd  # noqa: PLC0415 - optional, loaded on first use

            return pd.read_parquet(file)
        except ImportError as error:
            raise InputError(
                f"Reading Parquet as a frame of {library} needs {library} and pyarrow: {_INSTALL}."
            ) from error


class JsonFormat:
    """Text, numbers, truth, None, and lists and dictionaries of these."""

    suffix = ".json"

    def fits(self, value: object) -> bool:
        """Always: what does not come back equal is refused as it is written."""
        return True

    def write(self, value: Any, file: IO[bytes]) -> None:
        """Write plain values. Raises ValueError for all others."""
        try:
            text = json.dumps(value, allow_nan=False)
        except TypeError as error:
            raise ValueError(str(error)) from error
        if json.loads(text) != value:
            raise ValueError("it would not come back equal")
        file.write(text.encode())

    def read(self, file: IO[bytes], expected_type: Any) -> Any:
        """The value."""
        return json.loads(file.read())


class BytesFormat:
    """Bytes as they are, for assets that are files of their own kind: models, images, archives."""

    suffix = ".bin"

    def fits(self, value: object) -> bool:
        """Whether it is bytes."""
        return isinstance(value, bytes)

    def write(self, value: Any, file: IO[bytes]) -> None:
        """Write them."""
        file.write(value)

    def read(self, file: IO[bytes], expected_type: Any) -> Any:
        """The bytes."""
        return file.read()


def frame_library(value: object) -> str | None:
    """Which library's frame a value is, None for what is none."""
    kind = type(value)
    library = kind.__module__.partition(".")[0]
    return library if kind.__name__ in FRAMES.get(library, ()) else None


def wanted_library(expected_type: Any) -> str:
    """Which library an annotation asks for: pandas unless it says another."""
    library: str = getattr(expected_type, "__module__", "").partition(".")[0]
    return library if library in FRAMES else "pandas"
