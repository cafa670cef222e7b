"""Claims: who may write one partition of an asset now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from bridge.keys import AssetKey

ClaimMode: TypeAlias = Literal["asset", "legacy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Permission for `owner` to write until `lease_until`, on the database's clock.

    `generation` grows whenever the claim changes hands or a new attempt begins; a writer whose
    generation is no longer the newest can neither record nor publish. `mode` is what the owner
    decided to run in this attempt, which holds until the attempt ends (a deferral does not end it).
    """

    key: AssetKey
    partition: str | None
    owner: str
    attempt: int
    mode: ClaimMode
    generation: int
    lease_until: datetime
