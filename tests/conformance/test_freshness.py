"""Freshness policies at a given instant, fed through the store as in daily life."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bridge import AssetKey, FreshnessPolicy
from bridge.errors import BridgeError
from bridge.events import AssetEvent
from bridge.store import AssetState, open_store

CASES = "freshness.json"
KEY = AssetKey("asset")


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    return "the reference notes that it is inconsistent here" if "oracle_notes" in case else None


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)


def policy_of(declared: dict[str, Any]) -> FreshnessPolicy:
    if declared["kind"] == "cron":
        return FreshnessPolicy.cron(
            declared["deadline_cron"],
            timedelta(seconds=declared["lower_bound_s"]),
            declared.get("timezone", "UTC"),
        )
    warn_s = declared.get("warn_s")
    return FreshnessPolicy.time_window(
        fail_window=timedelta(seconds=declared["fail_s"]),
        warn_window=None if warn_s is None else timedelta(seconds=warn_s),
    )


def verdict(case: dict[str, Any]) -> str:
    policy = policy_of(case["policy"])
    store = open_store("sqlite://")
    store.record(
        AssetEvent(
            kind=event.get("type", "materialization"),
            key=KEY,
            happened_at=instant(event["at"]),
            source=f"case:{number}",
        )
        for number, event in enumerate(case["events"])
    )
    state = store.asset_states().get(KEY, AssetState(key=KEY))
    store.close()
    return policy.verdict(state.materialized_at, instant(case["now"])).state


def test_an_asset_is_as_fresh_as_in_the_reference(case: dict[str, Any]) -> None:
    if case["expect"].get("error"):
        with pytest.raises(BridgeError):
            verdict(case)
    else:
        assert verdict(case) == case["expect"]["state"]
