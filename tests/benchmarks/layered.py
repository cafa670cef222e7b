"""What both sides get: assets in layers of twenty, two upstreams each, that do nothing."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

WIDTH = 20


def layered_assets(asset: Callable[..., Any], count: int) -> list[Any]:
    """`count` assets made by either side's `@asset`; every layer depends on the one before."""
    return [
        asset(name=f"asset_{number}", deps=upstream(number))(_nothing()) for number in range(count)
    ]


def inputs_read(count: int) -> dict[str, dict[str, str]]:
    """The version each asset read of each upstream, by name: all are `v1` now.

    One asset of the first layer was made anew after the second was made, which read its `v0`.
    """
    return {
        f"asset_{number}": {name: "v0" if name == "asset_3" else "v1" for name in upstream(number)}
        for number in range(count)
    }


def upstream(number: int) -> list[str]:
    layer, place = divmod(number, WIDTH)
    if layer == 0:
        return []
    before = (layer - 1) * WIDTH
    return [f"asset_{before + place}", f"asset_{before + (place + 1) % WIDTH}"]


def _nothing() -> Callable[[], None]:
    def compute() -> None:  # `-> None` keeps Dagster from pickling a None into a file
        return None

    return compute


def peak_rss_kb() -> int:
    """The most memory this process has held, without what it was forked from where Linux tells."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def folder_bytes(folder: Path) -> int:
    """What the files below a folder take, by their length."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
