"""The files that `bridge generate` writes: the manifest, and one Python file for each DAG."""

from __future__ import annotations

from adapters.airflow.generate.plan import plan_dags
from adapters.airflow.generate.render import render
from bridge.automation.location import Automation
from bridge.capabilities import Generated, GeneratedFile
from bridge.graph import AssetGraph
from bridge.project import Project

MANIFEST = "manifest.json"


def generate_files(
    graph: AssetGraph, project: Project, automation: Automation | None = None
) -> Generated:
    """All files as they should be, below the project's folder for them; nothing is written.

    Findings say what Airflow cannot express. Raises DefinitionError for what it cannot carry.
    """
    planned = plan_dags(graph, project, automation)
    manifest, folder = planned.manifest, project.generated
    files = (
        GeneratedFile(path=folder / MANIFEST, text=manifest.to_json()),
        *(
            GeneratedFile(path=folder / f"{plan.dag_id}.py", text=render(plan))
            for plan in manifest.dags
        ),
    )
    return Generated(files=files, findings=planned.findings)
