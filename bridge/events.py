"""AssetEvent: one fact about one asset, from whichever system it happened in.

Facts are never changed.
"""

from __future__ import annotations

import hashlib
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from json.encoder import encode_basestring_ascii as _quoted
from os import PathLike
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from bridge.errors import DefinitionError
from bridge.keys import AssetKey

EventKind: TypeAlias = Literal["started", "materialization", "observation", "check", "failure"]
Severity: TypeAlias = Literal["WARN", "ERROR"]
PlainValue: TypeAlias = "str | int | float | bool | list[PlainValue] | dict[str, PlainValue] | None"

TAG = "$kind"  # of a typed value among plain metadata
_TAGGED = frozenset({TAG, "value"})
_NAMESPACE = uuid.UUID("8b2f5d1e-6a3c-5f0e-9d47-0c1b2a3d4e5f")  # fixed for ever: ids derive from it
_NAMESPACE_BYTES = _NAMESPACE.bytes
_VARIANTS = {f"{digit:x}": f"{digit & 3 | 8:x}" for digit in range(16)}


class DataVersion(str):
    """A version of data, accepted wherever a `data_version` is; it is its text."""

    __slots__ = ()

    @property
    def value(self) -> str:
        """The text."""
        return str(self)


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What one check found. `blocking` says whether a failed ERROR stops what is downstream."""

    name: str
    passed: bool
    severity: Severity = "ERROR"
    blocking: bool = True

    @property
    def stops_downstream(self) -> bool:
        """Whether assets that depend on the checked one must not run now."""
        return not self.passed and self.blocking and self.severity == "ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetEvent:
    """One fact. `happened_at` is when, aware; `source` is who says so (`bridge:<run>/<attempt>`,
    `airflow:<instance>/<dag>/<run>/<task>/<map index>/<try>`).

    Two deliveries of one fact have one `id`, whoever delivers them. `input_versions`, by `str` of
    the upstream key, is None where nothing is known of what was read.
    """

    kind: EventKind
    key: AssetKey
    happened_at: datetime
    source: str
    partition: str | None = None
    run_id: str | None = None
    code_version: str | None = None
    data_version: str | None = None
    input_versions: Mapping[str, str] | None = None
    check: CheckOutcome | None = None
    duration_s: float | None = None
    row_count: int | None = None
    output_type: str | None = None
    message: str | None = None
    metadata: Mapping[str, PlainValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.happened_at.tzinfo is None:
            raise ValueError(f"{self.happened_at!r} has no time zone; events need aware times")
        if (self.kind == "check") is (self.check is None):
            raise ValueError(f"a {self.kind} event and check={self.check!r} do not go together")

    @property
    def id(self) -> str:
        """32 hex digits that depend on source, key, partition, kind and check name only."""
        path = ", ".join(map(_quoted, self.key.path))
        partition = "null" if self.partition is None else _quoted(self.partition)
        check = "null" if self.check is None else _quoted(self.check.name)
        # As JSON writes the five, at a quarter of the cost: an import makes hundreds of thousands.
        name = f'[{_quoted(self.source)}, [{path}], {partition}, "{self.kind}", {check}]'
        return _uuid5_hex(name)


def _uuid5_hex(name: str) -> str:
    """`uuid.uuid5(_NAMESPACE, name).hex`, without the object that is three quarters of its cost."""
    digits = hashlib.sha1(_NAMESPACE_BYTES + name.encode(), usedforsecurity=False).hexdigest()
    return f"{digits[:12]}5{digits[13:16]}{_VARIANTS[digits[16]]}{digits[17:32]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """An event as the store holds it: `sequence` counts up in the order in which it was learned."""

    sequence: int
    recorded_at: datetime
    event: AssetEvent


@runtime_checkable
class HasMetadataForm(Protocol):
    """What knows how it is stored as metadata, such as `bridge.metadata.MetadataValue`."""

    def to_metadata(self) -> PlainValue:
        """Plain JSON."""
        ...


def metadata_value(  # noqa: PLR0911 - one line a kind of value reads best
    name: str, value: object
) -> PlainValue:
    """`value` as plain JSON, so that every system can show it. Raises DefinitionError otherwise.

    Numbers of numpy and pandas become plain ones, dates ISO text, paths text; NaN and infinity,
    which JSON does not know, become text.
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, PathLike):
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): metadata_value(name, v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [metadata_value(name, v) for v in value]
    if isinstance(value, HasMetadataForm):
        return value.to_metadata()
    plain = plain_scalar(value)
    if plain is not value:
        return metadata_value(name, plain)
    raise DefinitionError(
        f"Metadata {name!r} is a {type(value).__name__}, which cannot be shown or stored. "
        "Give text, numbers, booleans, dates, lists and dictionaries of these, or a "
        "MetadataValue."
    )


def plain_scalar(value: object) -> object:
    """Python's own value in place of a number or truth of numpy; anything else as it is."""
    to_plain = getattr(value, "item", None)
    if not callable(to_plain) or getattr(value, "shape", None) != ():
        return value
    plain = to_plain()
    return value if type(plain) is type(value) else plain


def metadata_values(values: Mapping[str, object] | None) -> dict[str, PlainValue]:
    """All of a user's metadata as plain JSON."""
    return {str(name): metadata_value(str(name), value) for name, value in (values or {}).items()}


def is_tagged(stored: object) -> bool:
    """Whether a dictionary of stored metadata is a typed value."""
    return isinstance(stored, Mapping) and stored.keys() == _TAGGED
