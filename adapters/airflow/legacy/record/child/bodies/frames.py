"""Data frames that DuckDB's SQL calls by the names of variables: they are no tables."""

import re
from collections.abc import Iterable
from typing import Any

REGISTERING = "register"


def frames_in(
    module: Any, chain: list[dict[str, Any]], given: list[Any], names: Iterable[str]
) -> dict[str, Any]:
    """Those of the names that the SQL of a call mentions, in the form of `snapshot.Call`."""
    if not is_of_duckdb(module, chain) or not given or not isinstance(given[0], str):
        return {}
    words = set(re.findall(r"\w+", given[0]))
    found = sorted({each for each in names if each in words})
    return {"frames": found} if found else {}


def registered(name: str, module: Any, chain: list[dict[str, Any]], given: list[Any]) -> set[str]:
    """The name that `connection.register("orders", frame)` gives to a frame."""
    is_named = name == REGISTERING and given and isinstance(given[0], str)
    return {given[0]} if is_named and is_of_duckdb(module, chain) else set()


def is_of_duckdb(module: Any, chain: list[dict[str, Any]]) -> bool:
    """Is it a call of DuckDB, or on a connection of it?"""
    return bool((chain[0].get("module") if chain else module) == "duckdb")
