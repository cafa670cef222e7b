"""The same DAGs in each form that `bench_parse` compares: generated, and written by hand."""

from __future__ import annotations

from pathlib import Path

from adapters.airflow.generate.files import loaded, rendered
from adapters.airflow.generate.plan import plan_dags
from bridge.assets import AssetsDefinition, asset
from bridge.graph import AssetGraph
from bridge.project import find_project

REFERENCES = {"loader": "loop", "rendered": "by_hand"}
_IMPORTS = '''"""Assets, as a person would write them."""

from datetime import datetime, timezone

try:
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk import DAG, Asset
except ImportError:
    from airflow import DAG
    from airflow.datasets import Dataset as Asset
    from airflow.operators.python import PythonOperator


def compute(key):
    pass


'''
_LOOP = """def upstream_of(number):
    return [number - n for n in (1, 2) if number >= n]


def build(group, tasks):
    with DAG(
        dag_id=f"{group}__assets",
        description=f"The assets of the group {group}",
        doc_md=__doc__,
        schedule=None,
        start_date=datetime(2000, 1, 1, tzinfo=timezone.utc),
        catchup=False,
        max_active_runs=1,
        tags=["bridge", group],
    ) as dag:
        made = []
        for number in range(tasks):
            name = f"{group}_{number:04}"
            made.append(
                PythonOperator(
                    task_id=name,
                    python_callable=compute,
                    op_kwargs={"key": name},
                    outlets=[Asset(uri=f"x-bridge://{name}")],
                )
            )
            if number:
                made[-1].set_upstream([made[each] for each in upstream_of(number)])
    return dag


"""


def write_forms(root: Path, dags: int, tasks: int) -> None:
    """A folder for each form below `root`, of so many DAGs with so many tasks each.

    `loop` is one file by hand with a loop, `by_hand` a file a DAG, each task written out.
    """
    groups = [f"group_{number:03}" for number in range(dags)]
    made = [each for group in groups for each in _assets(group, tasks)]
    (root / "bridge.toml").write_text('definitions = ["bench.definitions"]\n')
    manifest = plan_dags(AssetGraph.build(made), find_project(root)).manifest
    for form, write in (("loader", loaded), ("rendered", rendered)):
        (root / form).mkdir()
        for file in write(manifest, root / form):
            file.path.write_text(file.text)
    for form in ("loop", "by_hand"):
        (root / form).mkdir()
    (root / "loop" / "assets.py").write_text(
        f"{_IMPORTS}{_LOOP}for group in {groups}:\n    globals()[group] = build(group, {tasks})\n"
    )
    for group in groups:
        (root / "by_hand" / f"{group}.py").write_text(_IMPORTS + _written_out(group, tasks))


def upstream_of(number: int) -> list[int]:
    """What a task waits for: the two before it."""
    return [number - n for n in (1, 2) if number >= n]


def _assets(group: str, tasks: int) -> list[AssetsDefinition]:
    assets: list[AssetsDefinition] = []
    for number in range(tasks):

        @asset(
            name=f"{group}_{number:04}",
            group_name=group,
            deps=[assets[n] for n in upstream_of(number)],
        )
        def computed() -> None:
            pass

        assets.append(computed)
    return assets


def _written_out(group: str, tasks: int) -> str:
    lines = [
        f'''with DAG(
    dag_id="{group}__assets",
    description="The assets of the group {group}",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2000, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    tags=["bridge", "{group}"],
):
'''
    ]
    for number in range(tasks):
        name = f"{group}_{number:04}"
        lines.append(
            f"    {name} = PythonOperator(\n"
            f'        task_id="{name}",\n'
            "        python_callable=compute,\n"
            f'        op_kwargs={{"key": "{name}"}},\n'
            f'        outlets=[Asset(uri="x-bridge://{name}")],\n'
            "    )\n"
        )
    for number in range(1, tasks):
        names = ", ".join(f"{group}_{n:04}" for n in upstream_of(number))
        lines.append(f"    [{names}] >> {group}_{number:04}\n")
    return "\n".join(lines)
