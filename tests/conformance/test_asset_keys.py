"""Key parsing and formatting."""

from __future__ import annotations

from typing import Any

import pytest

from bridge import AssetKey
from bridge.errors import BridgeError

CASES = "asset_keys.json"


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    if "oracle_notes" in case:
        return "the reference notes that it is inconsistent here"
    return None


def answer(operation: str, given: Any) -> Any:
    if operation == "parse_user_string":
        return list(AssetKey.from_user_string(given).path)
    if operation == "coerce_string":
        return list(AssetKey.from_coercible(given).path)
    if operation == "with_prefix":
        return list(AssetKey(given["key"]).with_prefix(given["prefix"]).path)
    if operation == "has_prefix":
        return AssetKey(given["key"]).has_prefix(given["prefix"])
    key = AssetKey(given)
    if operation == "roundtrip_user_string":
        return list(AssetKey.from_user_string(key.to_user_string()).path)
    formats = {
        "to_user_string": key.to_user_string,
        "to_storage_string": key.to_string,
        "python_identifier": key.to_python_identifier,
    }
    return formats[operation]()


def test_a_key_reads_and_writes_as_in_the_reference(case: dict[str, Any]) -> None:
    if case["expect"].get("error"):
        with pytest.raises(BridgeError):
            answer(case["op"], case["arg"])
    else:
        assert answer(case["op"], case["arg"]) == case["expect"]["result"]
