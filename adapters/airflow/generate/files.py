"""The files that `bridge generate` writes: the manifest, and one Python file for each DAG."""

from __future__ import annotations

from adapters.airflow.generate.plan import plan_dags
from adapters.airflow.generate.render import render
from bridge.capabilities import GeneratedFile
from bridge.graph import AssetGraph
from bridge.project import Project

MANIFEST = "manifest.json"


def generate_files(graph: AssetGraph, project: Project) -> list[GeneratedFile]:
    """All files as they should be, below the project's folder for them; nothing is written.

    Raises DefinitionError for what Airflow cannot carry.
    """
    manifest = plan_dags(graph, project)
    folder = project.generated
    return [
        GeneratedFile(path=folder / MANIFEST, text=manifest.to_json()),
        *(
            GeneratedFile(path=folder / f"{plan.dag_id}.py", text=render(plan))
            for plan in manifest.dags
        ),
    ]
