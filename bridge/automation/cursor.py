"""What one evaluation hands to the next: JSON text, small however many partitions there are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from bridge.automation.sets import Kept
from bridge.checks import AssetCheckKey
from bridge.errors import ConfigError
from bridge.keys import AssetKey

# What may have a condition, and be requested.
Entity: TypeAlias = AssetKey | AssetCheckKey
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Remembered:
    """Of one asset or check: how it was cut, what was requested, what its condition must know.

    `sets` and `code_versions` are by the part of the condition and whom it asked.
    """

    cut: str
    sets: Mapping[str, Kept] = field(default_factory=dict)
    code_versions: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AutomationCursor:
    """The evaluation before: its time, where the log of events ended, and what it left.

    The first one has none. `evaluated` is by `entity_name`, as is `requested`, which holds also
    what had to go along.
    """

    at: datetime | None = None
    position: int = 0
    evaluated: Mapping[str, Remembered] = field(default_factory=dict)
    requested: Mapping[str, Kept] = field(default_factory=dict)

    def dump(self) -> str:
        """The cursor as text."""
        return json.dumps(
            {
                "format": _FORMAT,
                "at": None if self.at is None else self.at.isoformat(),
                "position": self.position,
                "requested": self.requested,
                "evaluated": {
                    name: _plain(remembered) for name, remembered in self.evaluated.items()
                },
            },
            separators=(",", ":"),
        )

    @classmethod
    def parse(cls, text: str | None) -> AutomationCursor:
        """The cursor that `dump` wrote; the first one for None.

        Raises ConfigError for what a newer version wrote.
        """
        if text is None:
            return cls()
        values: dict[str, Any] = json.loads(text)
        if values.get("format") != _FORMAT:
            raise ConfigError(
                f"The cursor of automation conditions has format {values.get('format')}, and this "
                f"version knows {_FORMAT}. A newer version wrote it: upgrade "
                "airflow-asset-bridge here."
            )
        return cls(
            None if values["at"] is None else datetime.fromisoformat(values["at"]),
            values["position"],
            {
                name: Remembered(each["cut"], each.get("sets", {}), each.get("code_versions", {}))
                for name, each in values["evaluated"].items()
            },
            values["requested"],
        )


def entity_name(entity: Entity) -> str:
    """An asset or a check in one word, for the cursor."""
    if isinstance(entity, AssetCheckKey):
        return json.dumps([str(entity.asset_key), entity.name])
    return str(entity)


def _plain(remembered: Remembered) -> dict[str, object]:
    values: dict[str, object] = {"cut": remembered.cut}
    if remembered.sets:
        values["sets"] = remembered.sets
    if remembered.code_versions:
        values["code_versions"] = remembered.code_versions
    return values
