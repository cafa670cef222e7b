"""What `import bridge` may cost: no third-party module."""

from __future__ import annotations

import json
import subprocess
import sys

REPORT = """
import json, sys
before = set(sys.modules)
import bridge
print(json.dumps(sorted({name.partition(".")[0] for name in set(sys.modules) - before})))
"""


def run_fresh(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout


def test_import_bridge_loads_no_third_party_module() -> None:
    loaded = set(json.loads(run_fresh(REPORT)))

    assert loaded - set(sys.stdlib_module_names) == {"bridge"}
