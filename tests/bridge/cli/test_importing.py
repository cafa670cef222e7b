from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.capabilities import (
    FilesRead,
    ImportedDag,
    ImportReport,
    LegacyAddress,
    LegacySource,
    Supplied,
)
from bridge.errors import ImportReadError
from bridge.findings import Finding
from bridge.migration.units import Granularity
from bridge.project import Project

SNAPSHOT = '{"dags": [1, 2]}'


class Reader:
    name = "airflow"

    def __init__(self, **report: object) -> None:
        self.report = report

    def differences(self, before: str, after: str) -> list[str]:
        return [] if before == after else ["~ etl_payments  schedule: a -> b"]

    def import_legacy(
        self,
        source: LegacySource,
        *,
        instance: str,
        project: Project,
        supplied: Supplied,
        granularity: Granularity | None,
        progress: FilesRead,
    ) -> ImportReport:
        self.supplied = supplied
        self.source = source
        self.granularity = granularity
        progress(1, 2)
        if source.folder is not None and not source.folder.exists():
            raise ImportReadError(f"There is nothing at {source.folder}.")
        mapping_path = project.migration / f"{instance}.yaml"
        report = ImportReport(
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
            dags_in_all=148 if source.names else 2,
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
            mapping_path=mapping_path,
            mapping_was=mapping_path.read_text() if mapping_path.exists() else None,
            mapping_text="tasks: {}\n",
            mapping_entries=10,
            page=lambda: "<!doctype html>\n",
            asked=None if source.running is None else "http://airflow:8080 in 57 requests",
            policies_suggested=0 if source.running is None else 3,
        )
        return replace(report, **self.report)


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


def test_the_report_is_written_as_a_page_too(orders: Path, run) -> None:
    outcome = run("import", "airflow", ".", "--html", "out/report.html", adapters=[Reader()])

    assert "Wrote migration/airflow.yaml (10 entries) and out/report.html." in outcome.out
    assert (orders / "out/report.html").read_text() == "<!doctype html>\n"


def test_a_dry_run_writes_no_page(orders: Path, run) -> None:
    outcome = run("import", "airflow", ".", "--html", "r.html", "--dry-run", adapters=[Reader()])

    assert "Would write migration/airflow.yaml (10 entries) and r.html." in outcome.out
    assert not (orders / "r.html").exists()


def test_a_difference_writes_no_page(orders: Path, run) -> None:
    (orders / "old.json").write_text(SNAPSHOT)
    options = ("--diff", "old.json", "--html", "r.html")

    assert run("import", "airflow", ".", *options, adapters=[Reader()]).code == 0
    assert not (orders / "r.html").exists()


def test_what_cannot_be_read_ends_with_2(orders: Path, run) -> None:
    outcome = run("import", "airflow", "nowhere", adapters=[Reader()])

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"error: There is nothing at {orders / 'nowhere'}.\n"


def test_a_system_that_no_adapter_reads_is_refused_with_those_that_are(orders: Path, run) -> None:
    outcome = run("import", "luigi", ".", adapters=[Reader()])

    assert outcome.code == 2
    assert outcome.err == "error: No installed adapter imports 'luigi'; there is: airflow.\n"


def test_variables_and_environment_are_handed_on_without_secrets(orders: Path, run) -> None:
    (orders / "variables.json").write_text('{"lake": "s3://b", "db_password": "s3cret"}')
    (orders / "prod.env").write_text("# of production\nexport STAGE='prod'\nAPI_TOKEN=s3cret\n")
    reader = Reader()

    outcome = run(
        *("import", "airflow", ".", "--dry-run", "--variables", "variables.json"),
        *("--env-file", "prod.env"),
        adapters=[reader],
    )

    assert outcome.code == 0
    assert reader.supplied == Supplied(variables={"lake": "s3://b"}, environment={"STAGE": "prod"})
    assert "Left out, for they look like secrets: db_password, API_TOKEN." in outcome.err
    assert "s3cret" not in outcome.out + outcome.err


def test_a_line_of_the_environment_that_is_none_is_refused(orders: Path, run) -> None:
    (orders / "prod.env").write_text("STAGE=prod\nnonsense\n")

    outcome = run("import", "airflow", ".", "--env-file", "prod.env", adapters=[Reader()])

    assert outcome.code == 2
    assert "prod.env:2 is no NAME=value" in outcome.err


def test_variables_that_are_no_json_are_refused_with_their_line(orders: Path, run) -> None:
    (orders / "variables.json").write_text('{"lake":\n}')

    outcome = run("import", "airflow", ".", "--variables", "variables.json", adapters=[Reader()])

    assert outcome.code == 2
    assert "variables.json:2 is no JSON" in outcome.err


def test_a_difference_to_an_earlier_snapshot_is_shown_and_nothing_written(
    orders: Path, run
) -> None:
    (orders / "old.json").write_text("{}")

    outcome = run("import", "airflow", ".", "--diff", "old.json", adapters=[Reader()])

    assert outcome.code == 3
    assert outcome.out.splitlines()[0] == "~ etl_payments  schedule: a -> b"
    assert not (orders / "migration").exists()


def test_no_difference_is_no_failure(orders: Path, run) -> None:
    (orders / "old.json").write_text(SNAPSHOT)

    outcome = run("import", "airflow", ".", "--diff", "old.json", adapters=[Reader()])

    assert (outcome.code, outcome.out) == (0, "No difference.\n")


def test_a_pattern_says_how_many_of_all_dags_match(orders: Path, run, lines) -> None:
    reader = Reader()
    outcome = run("import", "airflow", ".", "--dags", "etl_*", adapters=[reader])

    assert reader.source.names == "etl_*"
    assert lines(outcome.out)[0] == "Airflow code in dags, 2 of 148 DAGs match, 7 tasks"


def test_a_dagbag_is_asked_only_where_that_is_said(orders: Path, run) -> None:
    loaded_by = []
    for options in ((), ("--dagbag",), ("--python", "/opt/airflow/bin/python")):
        reader = Reader()
        run("import", "airflow", ".", *options, adapters=[reader])
        loaded_by.append(reader.source.loaded_by)

    assert loaded_by == [None, Path(sys.executable), Path("/opt/airflow/bin/python")]


def test_a_granularity_is_handed_on_and_none_is_the_one_before(orders: Path, run) -> None:
    reader = Reader()
    run("import", "airflow", ".", "--granularity", "dag", adapters=[reader])
    assert reader.granularity == "dag"
    run("import", "airflow", ".", adapters=[reader])
    assert reader.granularity is None


def test_a_running_airflow_is_asked_with_a_password_that_is_never_typed(
    orders: Path, run, lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGE_AIRFLOW_PASSWORD", "sesame")
    reader = Reader()

    outcome = run("import", "airflow", "--url", "http://a", "--username", "me", adapters=[reader])

    assert reader.source.folder is None
    running = reader.source.running
    assert (running.url, running.username, running.password) == ("http://a", "me", "sesame")
    assert "sesame" not in repr(reader.source) + outcome.out + outcome.err
    said = lines(outcome.out)
    assert "3 freshness policies suggested; none is in force before confirmed: true is set" in (
        outcome.out
    )
    assert said[-3:-1] == [
        "Asked http://airflow:8080 in 57 requests.",
        "Nothing in Airflow was changed. Wrote migration/airflow.yaml (10 entries).",
    ]


def test_the_settings_say_where_it_answers_alone_or_beside_a_folder(orders: Path, run) -> None:
    asked = []
    for words in ((), (".", "--live"), (".",)):
        reader = Reader()
        run("import", "airflow", *words, adapters=[reader])
        asked.append((reader.source.folder is not None, reader.source.running))

    assert asked == [(False, LegacyAddress()), (True, LegacyAddress()), (True, None)]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--url", "http://a", "--username", "me"), "BRIDGE_AIRFLOW_PASSWORD"),
        ((".", "--username", "me"), "--username is for --url"),
        (("--url", "airflow:8080"), "--url airflow:8080 is no address; write it as http://"),
        (("--dagbag",), "A DagBag loads a folder"),
    ],
)
def test_what_does_not_go_together_is_refused(orders: Path, run, words, says) -> None:
    outcome = run("import", "airflow", *words, adapters=[Reader()])
    assert outcome.code == 2
    assert says in outcome.err


def many(complete: int, lacking: int) -> tuple[ImportedDag, ...]:
    """DAGs of which some have an output that is not known."""
    return tuple(
        ImportedDag(
            dag_id=f"dag_{number:03}",
            tasks=1,
            schedule="@daily",
            outputs_known=int(number >= lacking),
            outputs=1,
            how=("SQL",),
            notes=(),
        )
        for number in range(complete + lacking)
    )


def test_of_many_dags_those_that_lack_nothing_are_only_counted(orders: Path, run, lines) -> None:
    reader = Reader(dags=many(complete=30, lacking=3), dags_in_all=33, findings=())

    said = lines(run("import", "airflow", ".", adapters=[reader]).out)
    shown = [line.split()[0] for line in said if line.startswith("dag_")]
    assert shown == ["dag_003", "dag_004", "dag_000", "dag_001", "dag_002"]
    assert "  28 more, all complete" in said
    assert "All of it: --all here, or --html FILE as a page." in said

    every = lines(run("import", "airflow", ".", "--all", adapters=[reader]).out)
    assert len([line for line in every if line.startswith("dag_")]) == 33
    assert not [line for line in every if "more" in line or "All of it" in line]


def test_of_many_dags_that_lack_something_the_rest_is_counted_too(orders: Path, run, lines) -> None:
    reader = Reader(dags=many(complete=0, lacking=45), dags_in_all=45, findings=())
    assert "  5 more that lack something" in lines(
        run("import", "airflow", ".", adapters=[reader]).out
    )


def test_of_many_findings_of_a_kind_the_first_are_shown_and_the_rest_counted(
    orders: Path, run, lines
) -> None:
    unknown = [
        Finding(level="warning", code="unknown_outputs", message="?", about=f"d.t{number}")
        for number in range(9)
    ]
    broken = Finding(level="problem", code="failed", message="not read", file="a.py")
    reader = Reader(findings=(*unknown, broken), files_unread=1)

    said = lines(run("import", "airflow", ".", adapters=[reader]).out)
    begin = next(number for number, line in enumerate(said) if line.startswith("+ "))
    assert said[begin].endswith("1 task needs a mapping, 1 file not read")
    assert said[begin + 1] == "  ✗ not read  a.py"
    assert [line.split()[1] for line in said[begin + 2 : begin + 5]] == ["d.t0", "d.t1", "d.t2"]
    assert said[begin + 5] == "  ! 6 more: unknown outputs"

    every = lines(run("import", "airflow", ".", "--all", adapters=[reader]).out)
    assert sum("d.t" in line for line in every) == 9


def test_the_limits_within_which_files_ran_are_counted_or_named(orders: Path, run, lines) -> None:
    reader = Reader(limits_held=("audit hook", "time limit"), limits_refused=("seccomp filter",))
    end = "; this machine does not offer: seccomp filter (containment, not a security boundary)"
    short = " ".join(lines(run("import", "airflow", ".", adapters=[reader]).out))
    assert f"files ran within 2 limits{end}" in short
    long = " ".join(lines(run("import", "airflow", ".", "--all", adapters=[reader]).out))
    assert f"files ran within audit hook, time limit{end}" in long


def test_where_no_file_ran_no_limit_is_told(orders: Path, run) -> None:
    assert "limits" not in run("import", "airflow", ".", adapters=[Reader()]).out


def test_one_finding_more_is_shown_and_not_counted(orders: Path, run) -> None:
    two = tuple(
        Finding(level="note", code="n", message="?", about=f"d.t{number}") for number in range(2)
    )
    out = run("import", "airflow", ".", adapters=[Reader(findings=two)]).out
    assert "d.t1" in out
    assert "more" not in out


def test_a_folder_without_a_dag_is_told_and_no_mapping_is_written_over(orders: Path, run) -> None:
    broken = Finding(level="problem", code="failed", message="not read", file="a.py")
    reader = Reader(dags=(), dags_in_all=0, findings=(broken,))
    (orders / "migration").mkdir()
    (orders / "migration/airflow.yaml").write_text("what a person wrote\n")

    outcome = run("import", "airflow", ".", "--html", "r.html", adapters=[reader])

    assert outcome.code == 2
    assert "  ✗ not read  a.py" in outcome.out
    assert "No DAG was found in ., so no mapping was written." in outcome.err
    assert (orders / "migration/airflow.yaml").read_text() == "what a person wrote\n"
    assert not (orders / "r.html").exists()


def test_what_somebody_wrote_meanwhile_is_not_written_over(orders: Path, run) -> None:
    (orders / "migration").mkdir()
    (orders / "migration/airflow.yaml").write_text("theirs\n")

    for was in (None, "as it was\n"):
        outcome = run(
            *("import", "airflow", ".", "--html", "r.html"), adapters=[Reader(mapping_was=was)]
        )
        assert outcome.code == 5
        assert "migration/airflow.yaml was changed while the code was read" in outcome.err
    assert (orders / "migration/airflow.yaml").read_text() == "theirs\n"
    assert not (orders / "r.html").exists()
    assert run("import", "airflow", ".", adapters=[Reader(mapping_was="theirs\n")]).code == 0


def test_a_mapping_that_is_there_for_reading_only_is_left_alone(orders: Path, run) -> None:
    mapping = orders / "migration/airflow.yaml"
    mapping.parent.mkdir()
    mapping.write_text("theirs\n")
    mapping.chmod(0o444)

    outcome = run("import", "airflow", ".", adapters=[Reader(mapping_was="theirs\n")])

    assert outcome.code == 2
    assert "it is there for reading only" in outcome.err
    assert mapping.read_text() == "theirs\n"
