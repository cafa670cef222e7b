"""Bringing the files of a running Airflow here, as far as it serves them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from adapters.airflow.api.inventory import Inventory, ListedDag
from adapters.airflow.legacy.about import about_file
from adapters.airflow.legacy.listed import file_names
from adapters.airflow.legacy.snapshot import Finding

_AIRFLOW = "airflow"


def fetch_sources(
    inventory: Inventory,
    dags: Sequence[ListedDag],
    folder: Path,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> list[Finding]:
    """Write the file of each of these DAGs below the folder; one request a file.

    A finding for each that Airflow does not serve, and for modules that lie beside them: those it
    never serves. Raises RemoteUnreachableError.
    """
    names = file_names(dags)
    first = {names[dag.dag_id]: dag for dag in reversed(dags)}
    findings = []
    for done, (name, dag) in enumerate(sorted(first.items()), start=1):
        text = inventory.source(dag)
        if text is None:
            message = (
                "Airflow does not serve this file, or not to this user: its tasks are known from "
                "its list only. Let the user read DAG code, or give the folder too"
            )
            findings.append(about_file(name, "source_not_served", message))
        else:
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        if progress is not None:
            progress(done, len(first))
    for name in sorted(first):
        if missing := sorted(_not_here(folder, name)):
            message = (
                f"imports {', '.join(missing)}, which Airflow does not serve and is not installed "
                "here: what comes from there is stood in for; give the folder too"
            )
            findings.append(about_file(name, "module_not_served", message))
    return findings


def _not_here(folder: Path, name: str) -> set[str]:
    """Modules that the file imports and nobody here has, but for Airflow's own."""
    try:
        tree = ast.parse((folder / name).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return set()  # said by who fetched it, or will be by who reads it
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            found.add(node.module.partition(".")[0])
    return {
        module
        for module in found - {_AIRFLOW} - sys.stdlib_module_names
        if not (folder / module).is_dir()
        and not (folder / f"{module}.py").exists()
        and find_spec(module) is None
    }
