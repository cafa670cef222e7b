"""What a user's function may return or yield beside a plain value: facts about what it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bridge.checks import AssetCheckResult
from bridge.keys import CoercibleToAssetKey

_T = TypeVar("_T")
NOT_GIVEN: Any = object()  # a MaterializeResult may well carry the value None


@dataclass(frozen=True, slots=True)
class Output(Generic[_T]):
    """A value with facts about it; `output_name` says which one where a function has several."""

    value: _T
    output_name: str | None = None
    metadata: Mapping[str, object] | None = None
    data_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterializeResult:
    """Returned by a function that stored its data itself; with `value`, the IO manager stores it.

    `asset_key` is needed only where a function computes several assets.
    """

    asset_key: CoercibleToAssetKey | None = None
    metadata: Mapping[str, object] | None = None
    check_results: Iterable[AssetCheckResult] = ()
    data_version: str | None = None
    value: Any = NOT_GIVEN


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserveResult:
    """Returned by a function that looked at data which something else writes."""

    asset_key: CoercibleToAssetKey | None = None
    metadata: Mapping[str, object] | None = None
    check_results: Iterable[AssetCheckResult] = ()
    data_version: str | None = None
