"""Partitions that may not be what their code and inputs would make now, found by the database.

What was read is compared as the text it was recorded as. So what is found may still be right, in
another order or with other signs; what is not found is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.keys import AssetKey
from bridge.store.prepared import Prepared

_QUERY = """
SELECT own.partition FROM bridge_partition_state AS own {joins}
WHERE own.key = :key AND own.materialized_at IS NOT NULL AND (
  own.input_versions IS NULL OR own.input_versions <> {expected}
  OR (:has_code = 1 AND coalesce(own.code_version, :no_code) <> :code))
"""
_JOIN = """
LEFT JOIN bridge_partition_state AS up{n} ON up{n}.key = :key{n}
  AND up{n}.partition = own.partition AND up{n}.materialized_at IS NOT NULL"""
# As `DataState.version` has it: what was given, else one that only this materialization has.
_VERSION = {
    "sqlite": """CASE WHEN up{n}.partition IS NULL THEN '""' ELSE
  json_quote(coalesce(up{n}.data_version, printf('@%x', up{n}.materialized_at))) END""",
    "postgresql": """CASE WHEN up{n}.partition IS NULL THEN '""' ELSE
  CAST(to_json(coalesce(up{n}.data_version, '@' || to_hex(up{n}.materialized_at))) AS TEXT) END""",
}


def suspects(
    connection: Connection,
    dialect: str,
    key: AssetKey,
    code_version: str | None,
    inputs: Mapping[AssetKey, str | None],
) -> list[str]:
    """Materialized partitions that may have been made by other code or of other inputs.

    `inputs` are the versions of all upstream now, None where the partition of the same name is
    read.
    """
    values: dict[str, Any] = {"key": str(key), "no_code": "", "code": code_version or ""}
    values["has_code"] = 0 if code_version is None else 1
    joins, pieces, text = "", [], "{"
    for n, (upstream, version) in enumerate(inputs.items()):
        text += f"{', ' if n else ''}{json.dumps(str(upstream))}: "
        if version is not None:
            text += json.dumps(version)
            continue
        joins += _JOIN.format(n=n)
        values |= {f"key{n}": str(upstream), f"text{n}": text}
        pieces += [f"CAST(:text{n} AS TEXT)", _VERSION[dialect].format(n=n)]
        text = ""
    values["end"] = text + "}"
    expected = " || ".join([*pieces, "CAST(:end AS TEXT)"])
    statement = Prepared(sa.text(_QUERY.format(joins=joins, expected=expected)), dialect)
    return [row[0] for row in statement(connection, values).fetchall()]
