"""Files on this machine or in object storage: where they are, and how one is swapped in whole.

Local paths are pathlib's own; addresses such as `s3://bucket/folder` need universal-pathlib.
"""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, TypeAlias
from urllib.parse import quote

from bridge.errors import ConfigError, OutputError
from bridge.keys import AssetKey

if TYPE_CHECKING:
    from os import PathLike

# One object appears there whole when its upload or copy ends.
_OBJECT_STORES = frozenset(
    {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "oss", "ocs", "r2", "memory"}
)
_LOCAL = frozenset({"", "file", "local"})
_SECRET = re.compile(r"(?<=://)[^/@]*(?=@)")


class StoragePath(Protocol):
    """What pathlib.Path and universal-pathlib's UPath have in common, as far as it is used."""

    @property
    def name(self) -> str: ...
    @property
    def parent(self) -> StoragePath: ...
    def __truediv__(self, key: str) -> StoragePath: ...
    def exists(self) -> bool: ...
    def is_dir(self) -> bool: ...
    def mkdir(self, mode: int = ..., parents: bool = ..., exist_ok: bool = ...) -> None: ...  # noqa: FBT001
    def open(self, mode: str) -> IO[Any]: ...
    def unlink(self, missing_ok: bool = ...) -> None: ...  # noqa: FBT001 - pathlib's


Folder: TypeAlias = "str | PathLike[str] | StoragePath"


def storage_path(folder: Folder) -> StoragePath:
    """A folder given as text, as a path, or as an address (`s3://bucket/folder`).

    Raises ConfigError where an address needs what is not installed.
    """
    if isinstance(folder, str) and "://" in folder:
        try:
            from fsspec import get_filesystem_class  # noqa: PLC0415 - optional, on first use
            from upath import UPath  # noqa: PLC0415 - optional, loaded on first use

            get_filesystem_class(folder.partition("://")[0])  # UPath takes an unknown one for local
            found: Any = UPath(folder)
        except (ImportError, ValueError) as error:
            raise ConfigError(
                f"The storage {shown(folder)} cannot be used: {error}. Install what speaks its "
                "protocol: pip install 'airflow-asset-bridge[storage]', and s3fs, gcsfs or adlfs."
            ) from error
    else:
        found = folder
    if getattr(found, "protocol", "") in _LOCAL:
        return Path(getattr(found, "path", found))
    return found  # type: ignore[no-any-return]  # a UPath, which has all of it


def place_of(base: StoragePath, key: AssetKey, partition: str | None, suffix: str) -> StoragePath:
    """Where a value is kept: no two assets and partitions share a place, and none leads out."""
    folder = base
    for component in key.path:
        folder = folder / file_name(component)
    return folder / f"{'value' if partition is None else '=' + file_name(partition)}{suffix}"


def file_name(text: str) -> str:
    """Injective, and safe as one path component on every system."""
    quoted = quote(text, safe=" +,;@()[]{}~-_.")
    if not quoted:
        return "%"  # quote() never gives it alone
    return quoted.replace(".", "%2E") if set(quoted) <= {"."} else quoted


def shown(path: object) -> str:
    """A path as text, without a password in its address."""
    return _SECRET.sub("…", str(path))


@contextmanager
def published(
    target: StoragePath, confirm: Callable[[], None]
) -> Generator[StoragePath, None, None]:
    """A path to write to, beside `target`; afterwards `confirm` is asked and it is swapped in.

    A reader sees the old file or the new one, never half of either, where `swap_is_atomic`. Raises
    OutputError for a folder in object storage, which cannot be swapped in at all.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    staged = target.parent / f".{uuid.uuid4().hex}.{target.name}"
    try:
        yield staged
        confirm()
        _swap_in(staged, target)
    finally:
        _remove(staged)


def swap_is_atomic(path: StoragePath) -> bool:
    """Whether a file can be put in place there at once; elsewhere a reader may see half of it."""
    return (isinstance(path, Path) and not _is_remote(path)) or _protocol(path) in _OBJECT_STORES


def size_bytes(path: StoragePath) -> int | None:
    """How large a file is, None for a folder or where the storage does not say."""
    if path.is_dir():
        return None
    remote: Any = path
    size = remote.fs.size(remote.path) if _is_remote(path) else remote.stat().st_size
    return None if size is None else int(size)


def modified_at(path: StoragePath) -> float:
    """When a file was last written, in seconds since 1970; 0 where the storage does not say."""
    remote: Any = path
    if not _is_remote(path):
        return float(remote.stat().st_mtime)
    with suppress(NotImplementedError, OSError):
        return float(remote.fs.modified(remote.path).timestamp())
    return 0.0


def _swap_in(staged: StoragePath, target: StoragePath) -> None:
    there: Any = staged
    if not _is_remote(staged):
        if target.is_dir():
            old = target.parent / f"{staged.name}.old"
            Path(str(target)).replace(str(old))
            there.replace(target)
            _remove(old)
        else:
            there.replace(target)
        return
    into: Any = target
    if staged.is_dir():
        raise OutputError(
            f"{shown(target)} is a folder of files, which object storage cannot swap in at once. "
            "Write one file, or store the data yourself and return a MaterializeResult."
        )
    if _protocol(target) in _OBJECT_STORES:
        there.fs.cp_file(there.path, into.path)
    else:
        there.fs.mv(there.path, into.path)


def _remove(path: StoragePath) -> None:
    """Remove what was staged, if it is there still."""
    remote: Any = path
    with suppress(FileNotFoundError):
        if not path.is_dir():
            path.unlink(missing_ok=True)
        elif _is_remote(path):
            remote.fs.rm(remote.path, recursive=True)
        else:
            shutil.rmtree(str(path))


def _is_remote(path: StoragePath) -> bool:
    return _protocol(path) not in _LOCAL


def _protocol(path: StoragePath) -> str:
    return str(getattr(path, "protocol", ""))
