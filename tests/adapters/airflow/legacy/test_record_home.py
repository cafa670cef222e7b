"""Places of the machine that runs the code: its home, and where a worker stands."""

from __future__ import annotations

import textwrap
from pathlib import Path

from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot


def test_the_home_and_the_folder_of_whoever_runs_it_are_told_by_their_names(tmp_path: Path) -> None:
    body = """
        import os
        from pathlib import Path
        import pandas as pd
        from airflow import DAG
        from airflow.operators.bash import BashOperator
        from airflow.operators.python import PythonOperator

        LAKE = Path.home() / "My Lake"

        def work(path):
            pd.read_csv(path)
            pd.read_csv(LAKE / "b.csv")
            pd.read_csv(os.path.expanduser("~/lake/c.csv"))
            pd.read_csv(Path("~/lake/d.csv").expanduser())
            pd.read_csv(Path.home() / "lake" / "e.csv")
            pd.read_csv(os.path.expanduser("/data/f.csv"))
            (Path.cwd() / "g.csv").write_text("x")

        with DAG("d", schedule=None):
            path = os.path.abspath("here/a.csv")
            PythonOperator(task_id="t", python_callable=work, op_kwargs={"path": path})
            BashOperator(task_id="b", bash_command=f"cp {LAKE}/x.csv /data/x.csv", cwd=os.getcwd())
    """
    (tmp_path / "d.py").write_text(textwrap.dedent(body))

    snapshot = record_folder(tmp_path, "x")
    found = {task: each for (_, _, task), each in read_snapshot(snapshot).items()}

    assert [(ref.uri, ref.confidence) for ref in found["t"].reads] == [
        ("file:///data/f.csv", 0.85),
        ("file:///{HOME}/My%20Lake/b.csv", 0.85),
        ("file:///{HOME}/lake/c.csv", 0.85),
        ("file:///{HOME}/lake/d.csv", 0.85),
        ("file:///{HOME}/lake/e.csv", 0.85),
        ("file:///{cwd}/here/a.csv", 0.4),
    ]
    assert snapshot.dags[0].tasks[0].arguments["cwd"] == "/{{ cwd }}"
    assert "bridge-record" not in snapshot.to_json()
