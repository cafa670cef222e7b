"""The default version of data, from the code's version and its inputs' versions."""

from __future__ import annotations

from typing import Any

from bridge import AssetKey
from bridge.staleness import default_data_version

CASES = "data_version_hash.json"
UNKNOWN = "UNKNOWN"


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    return "the reference notes that it is inconsistent here" if "oracle_notes" in case else None


def test_the_same_code_and_inputs_make_the_same_version(case: dict[str, Any]) -> None:
    inputs = {
        AssetKey.parse(name): None if version == UNKNOWN else version
        for name, version in case["inputs"].items()
    }

    found = default_data_version(case["code_version"], inputs)
    assert (found or UNKNOWN) == case["expect"]["version"]
