"""The files that `bridge generate` writes: a file a DAG, or manifests and what loads them."""

from __future__ import annotations

from pathlib import Path

from adapters.airflow.generate.interpreters import interpreters_of, with_interpreters
from adapters.airflow.generate.manifest import Manifest
from adapters.airflow.generate.parts import parts_of
from adapters.airflow.generate.plan import plan_dags
from adapters.airflow.generate.render import HEADER, render
from bridge.automation.location import Automation
from bridge.capabilities import Generated, GeneratedFile
from bridge.graph import AssetGraph
from bridge.project import Project

LOADER = "bridge_dags"
MANIFEST = "manifest"


def generate_files(
    graph: AssetGraph, project: Project, automation: Automation | None = None
) -> Generated:
    """All files as they should be, below the project's folder for them; nothing is written.

    Findings say what Airflow cannot express. Files on disk that define the same DAGs in another way
    are in the way. Raises DefinitionError for what it cannot carry.
    """
    planned = plan_dags(graph, project, automation)
    manifest = with_interpreters(planned.manifest, interpreters_of(project))
    folder = project.generated
    files = (
        rendered(manifest, folder)
        if project.generate.form == "rendered"
        else loaded(manifest, folder)
    )
    return Generated(
        files=files,
        findings=planned.findings,
        in_the_way=_in_the_way(manifest, folder, {file.path for file in files}),
    )


def rendered(manifest: Manifest, folder: Path) -> tuple[GeneratedFile, ...]:
    """A readable file for each DAG."""
    return tuple(
        GeneratedFile(path=folder / f"{plan.dag_id}.py", text=render(plan, manifest.target))
        for plan in manifest.dags
    )


def loaded(manifest: Manifest, folder: Path) -> tuple[GeneratedFile, ...]:
    """A manifest and the file that loads it, for each part of the DAGs."""
    files = []
    for name, dags in parts_of(manifest.dags).items():
        part = manifest._replace(dags=dags)
        json, loader = (f"{stem}_{name}" if name else stem for stem in (MANIFEST, LOADER))
        files += [
            GeneratedFile(path=folder / f"{json}.json", text=part.to_json()),
            GeneratedFile(path=folder / f"{loader}.py", text=_loader(part, f"{json}.json")),
        ]
    return tuple(files)


def _loader(part: Manifest, file: str) -> str:
    """What Airflow reads; it stays as it is while its DAGs only change inside."""
    names = "\n".join(dag.dag_id for dag in part.dags) or "None yet."
    return (
        f'{HEADER}\n"""DAGs that run the project\'s assets:\n\n{names}\n"""\n\n'
        "from adapters.airflow import build_dags\n\n"
        f'build_dags(globals(), manifest="{file}")\n'
    )


def _in_the_way(manifest: Manifest, folder: Path, wanted: set[Path]) -> tuple[Path, ...]:
    """Files that we may have written before, and that define DAGs which these define too."""
    ours = {f"{plan.dag_id}.py" for plan in manifest.dags}
    return tuple(
        path
        for path in sorted(folder.glob("*.py"))
        if path not in wanted and (path.name in ours or path.name.startswith(LOADER))
    )
