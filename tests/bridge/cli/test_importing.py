from __future__ import annotations

from pathlib import Path

from bridge.capabilities import ImportedDag, ImportReport
from bridge.errors import ImportReadError
from bridge.findings import Finding
from bridge.project import Project

SNAPSHOT = '{"dags": [1, 2]}'


class Reader:
    name = "airflow"

    def import_legacy(self, source: Path, *, instance: str, project: Project) -> ImportReport:
        if not source.exists():
            raise ImportReadError(f"There is nothing at {source}.")
        return ImportReport(
            source="Airflow code in dags",
            dags=(
                ImportedDag(
                    dag_id="etl_payments",
                    tasks=6,
                    schedule="30 5 * * *, Zurich",
                    outputs_known=9,
                    outputs=9,
                    how=("SQL", "declared"),
                    notes=(),
                ),
                ImportedDag(
                    dag_id="etl_ftp",
                    tasks=1,
                    schedule="0 2 * * *",
                    outputs_known=0,
                    outputs=1,
                    how=(),
                    notes=("import error",),
                ),
            ),
            assets=9,
            edges=12,
            unmapped_tasks=1,
            findings=(
                Finding(level="note", code="n", message="read with SQL", about="etl_payments.fact"),
                Finding(
                    level="problem",
                    code="syntax",
                    message="SyntaxError: invalid syntax",
                    about="etl_ftp",
                    file="dags/etl_ftp.py",
                    line=41,
                ),
            ),
            snapshot_json=SNAPSHOT,
            mapping_path=project.migration / f"{instance}.yaml",
            mapping_text="tasks: {}\n",
            mapping_entries=10,
        )


def test_an_import_is_a_table_then_findings_then_the_mapping(orders: Path, run, lines) -> None:
    outcome = run("import", "airflow", ".", "--instance", "prod", adapters=[Reader()])

    assert outcome.code == 0
    assert lines(outcome.out) == [
        "Airflow code in dags, 2 DAGs, 7 tasks",
        "",
        "DAG            Tasks   Schedule             Outputs   How             Notes",
        "──────────────────────────────────────────────────────────────────────────────────",
        "etl_payments       6   30 5 * * *, Zurich         9   SQL, declared",
        "etl_ftp            1   0 2 * * *             0 of 1   -               import error",
        "",
        "+ 9 observed assets, + 12 edges, 1 task needs a mapping",
        "  ✗ etl_ftp  SyntaxError: invalid syntax  dags/etl_ftp.py:41",
        "  · etl_payments.fact  read with SQL",
        "",
        "Nothing in . was changed. Wrote migration/prod.yaml (10 entries).",
        "Next: bridge observe",
    ]
    assert (orders / "migration/prod.yaml").read_text() == "tasks: {}\n"


def test_json_is_the_snapshot_and_nothing_else(orders: Path, run) -> None:
    outcome = run("import", "airflow", ".", "--json", adapters=[Reader()])

    assert outcome.json == {"dags": [1, 2]}
    assert (orders / "migration/airflow.yaml").exists()


def test_a_dry_run_writes_no_mapping(orders: Path, run) -> None:
    outcome = run("import", "airflow", ".", "--dry-run", adapters=[Reader()])

    assert "Would write migration/airflow.yaml (10 entries)." in outcome.out
    assert not (orders / "migration").exists()


def test_what_cannot_be_read_ends_with_2(orders: Path, run) -> None:
    outcome = run("import", "airflow", "nowhere", adapters=[Reader()])

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"error: There is nothing at {orders / 'nowhere'}.\n"


def test_a_system_that_no_adapter_reads_is_refused_with_those_that_are(orders: Path, run) -> None:
    outcome = run("import", "luigi", ".", adapters=[Reader()])

    assert outcome.code == 2
    assert outcome.err == "error: No installed adapter imports 'luigi'; there is: airflow.\n"
