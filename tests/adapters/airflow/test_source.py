"""The source string of an Airflow try."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.airflow.source import TaskSource, parse_task_source, task_source

names = st.text() | st.text("/%2F:a ", max_size=4)  # signs that two names could run together at
sources = st.builds(
    TaskSource,
    instance=names,
    dag_id=names,
    run_id=names,
    task_id=names,
    map_index=st.integers(min_value=-1),
    try_number=st.integers(min_value=0),
)


@given(sources)
def test_a_source_is_read_back_as_it_was_written(source: TaskSource) -> None:
    assert parse_task_source(str(source)) == source


@given(sources, sources)
def test_different_tries_have_different_sources(one: TaskSource, other: TaskSource) -> None:
    assert (str(one) == str(other)) == (one == other)


def test_a_scheduled_run_reads_as_it_is_named_in_airflow() -> None:
    source = task_source(
        "airflow", "flights", "scheduled__2013-01-02T00:00:00+00:00", "g.load", -1, 1
    )

    assert source == "airflow:airflow/flights/scheduled__2013-01-02T00:00:00+00:00/g.load/-1/1"


def test_a_slash_in_a_run_id_stays_inside_its_component() -> None:
    source = task_source("airflow", "flights", "manual/by hand", "load", 3, 2)

    assert source == "airflow:airflow/flights/manual%2Fby hand/load/3/2"


@pytest.mark.parametrize(
    "text",
    [
        "bridge:1234/1",
        "airflow:airflow/flights/run/load/-1",
        "airflow:airflow/flights/run/load/first/1",
        "airflow:airflow/flights/run/load/01/1",
        "airflow:airflow/flights/run/load/-1/1/2",
        "",
    ],
)
def test_what_another_system_wrote_is_not_taken_for_ours(text: str) -> None:
    assert parse_task_source(text) is None
