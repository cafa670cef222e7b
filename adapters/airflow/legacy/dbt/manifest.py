"""A dbt manifest (`target/manifest.json`) as nodes: it says every relation exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adapters.airflow.legacy.dbt.files import mapping, words
from adapters.airflow.legacy.dbt.forms import DbtNode
from adapters.airflow.legacy.dbt.written import tables_in

_KINDS = frozenset({"model", "seed", "snapshot", "source", "test"})
_MAX_BYTES = 256 << 20


def read(path: Path) -> tuple[dict[str, Any], tuple[DbtNode, ...]] | None:
    """The manifest's `metadata` and its nodes; None where there is none to read."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            return None
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or "metadata" not in found:
        return None
    return mapping(found["metadata"]), tuple(_nodes(found))


def _nodes(found: dict[str, Any]) -> Iterator[DbtNode]:
    everything = {**mapping(found.get("nodes")), **mapping(found.get("sources"))}
    for key, node in sorted(everything.items()):
        if isinstance(node, dict) and node.get("resource_type") in _KINDS and key.count(".") > 1:
            config = mapping(node.get("config"))
            is_test = node["resource_type"] == "test"
            yield DbtNode(
                id=_id_of_test(key) if is_test else key,
                path=str(node.get("original_file_path", "")),
                database_name=None if is_test else node.get("database"),
                schema_name=None if is_test else node.get("schema"),
                alias=None if is_test else node.get("alias") or node.get("identifier"),
                is_placed=True,
                materialized=None if is_test else config.get("materialized"),
                tags=tuple(dict.fromkeys(words(node.get("tags")) + words(config.get("tags")))),
                depends_on=tuple(words(mapping(node.get("depends_on")).get("nodes"))),
                written_out=() if is_test else _written_out(node),
            )


def _written_out(node: dict[str, Any]) -> tuple[str, ...]:
    text = node.get("raw_code", node.get("raw_sql"))
    return tables_in(text) if isinstance(text, str) and node.get("language") != "python" else ()


def _id_of_test(key: str) -> str:
    """A generic test's id without the hash that dbt puts behind it."""
    name, dot, last = key.rpartition(".")
    return name if dot and name.count(".") > 1 and len(last) == 10 else key  # noqa: PLR2004
