"""Makes docs/images/*.svg from real output: run `make demo` first, then this.

.nox/airflow3/bin/python docs/pictures.py
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".demo"
WIDTH = 112
PICTURES = {
    "import": ("import", "airflow", "dags", "--env-file", "airflow.env", "--dry-run"),
    "status": ("status",),
    "lineage": ("lineage", "flights_warehouse/fct_departures", "--up", "2", "--down", "2"),
}
# rich's own form without its web font: a picture must not fetch anything.
_FORM = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: Menlo, Consolas, "DejaVu Sans Mono", monospace;
 font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 16px; font-family: Menlo, Consolas, monospace; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


def main() -> None:
    """Run each command in the demo's project and keep what it prints as a picture."""
    if not (WORK / "bridge.toml").exists():
        raise SystemExit("error: there is no .demo to picture. Run `make demo` first.")
    folder = ROOT / "docs" / "images"
    folder.mkdir(exist_ok=True)
    environment = os.environ | {"FORCE_COLOR": "1", "COLUMNS": str(WIDTH)}
    environment.pop("NO_COLOR", None)
    for name, words in PICTURES.items():
        done = subprocess.run(
            [sys.executable, "-m", "bridge", *words],
            cwd=WORK,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        with Path(os.devnull).open("w") as nowhere:
            console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True)
            console.print(Text.from_ansi(done.stdout.strip("\n")))
            title = f"python -m bridge {' '.join(words)}"
            svg = console.export_svg(
                title=title, theme=MONOKAI, code_format=_FORM, unique_id=f"bridge-{name}"
            )
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
