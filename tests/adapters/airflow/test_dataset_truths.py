"""Labels of what tasks read and write are compared with what was found, in both directions."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.airflow.legacy.datasets import DatasetRef, Direction, TaskLineage
from bridge.uris import canonical
from tests.accuracy.datasets import Named, fit, fits, found_of, labelled

TRUTHS = Path(__file__).parents[2] / "accuracy" / "truths"
LABELS: Mapping[str, Mapping[str, list[str]]] = {
    "d.load": {"reads": ["s3://{any}/in.csv"], "writes": ["any://dwh/m.orders"]},
    "d.quiet": {"reads": [], "writes": []},
}


def ref(uri: str, direction: Direction, confidence: float = 0.9) -> DatasetRef:
    return DatasetRef(uri=uri, direction=direction, evidence="argument", confidence=confidence)


@pytest.mark.parametrize(
    ("label", "uri"),
    [
        ("s3a://lake/in.csv", "s3://lake/in.csv"),
        ("gs://{any}/x/{any}.csv", "gs://{{ var.value.bucket }}/x/{ds}.csv"),
        ("any://c/M.T", "postgres://c/m.t"),
        ("s3://lake/", "s3://lake/"),
        ("s3://{any}", "s3://lake/in.csv"),
        ("postgres://{any}orders", "postgres://dwh/m.orders"),
        ("https://{any}/orders", "http://shop_api/orders"),
        ("snowflake://{any}sales.orders", "snowflake://dwh/SALES.ORDERS"),
    ],
)
def test_a_dataset_fits_the_label_that_names_it(label: str, uri: str) -> None:
    assert fits(label, uri)


@pytest.mark.parametrize(
    ("label", "uri"),
    [
        ("s3://lake/in.csv", "s3://lake/in.csv.gz"),
        ("s3://lake/in.csv", "gs://lake/in.csv"),
        ("s3://lake/in.csv", "s3://lake/inXcsv"),
        ("any://c/m.t", "postgres://other/m.t"),
        ("postgres://{any}orders", "postgres://dwh/m.orders_old"),
        ("https://shop.example/orders", "http://shop.example/orders"),
        ("https://{any}/orders", "ftp://shop_api/orders"),
    ],
)
def test_a_dataset_fits_no_label_of_another(label: str, uri: str) -> None:
    assert not fits(label, uri)


def test_what_is_labelled_and_found_is_neither_missed_nor_surplus() -> None:
    refs = (ref("s3://lake/in.csv", "read"), ref("postgres://dwh/m.orders", "write"))
    found = found_of({("d.py", "d", "load"): TaskLineage(nature="data", datasets=refs)}, LABELS)
    one = fit(labelled(LABELS), found)
    assert (one.recall, one.precision, one.missed, one.surplus) == (100, 100, (), ())


def test_a_write_found_as_a_read_is_missed_and_surplus() -> None:
    refs = (ref("s3://lake/in.csv", "read"), ref("postgres://dwh/m.orders", "read"))
    found = found_of({("d.py", "d", "load"): TaskLineage(nature="data", datasets=refs)}, LABELS)
    one = fit(labelled(LABELS), found)
    assert (one.recall, one.precision) == (50, 50)
    assert one.missed == (Named("d.load", "write", "any://dwh/m.orders"),)
    assert one.surplus == (Named("d.load", "read", "postgres://dwh/m.orders", 0.9),)


def test_a_dataset_of_a_task_that_has_none_is_surplus_and_an_unlabelled_task_does_not_count() -> (
    None
):
    data = TaskLineage(nature="data", datasets=(ref("s3://lake/x", "write"),))
    found = list(found_of({("d.py", "d", "quiet"): data, ("d.py", "d", "other"): data}, LABELS))
    assert [str(one) for one in fit([], found).surplus] == ["d.quiet write s3://lake/x"]


def test_of_two_ratings_of_one_dataset_the_higher_counts() -> None:
    refs = (ref("s3://lake/in.csv", "read", 0.4), ref("s3://lake/in.csv", "read", 0.9))
    lineage = {("d.py", "d", "load"): TaskLineage(nature="data", datasets=refs)}
    assert [one.confidence for one in found_of(lineage, LABELS)] == [0.9]


def test_what_is_debatable_counts_only_where_it_is_labelled_too() -> None:
    labels = {"d.t": {"reads": ["s3://lake/a"], "writes": [], "debatable": ["s3://lake/{any}"]}}
    refs = (ref("s3://lake/a", "read"), ref("s3://lake/a", "write"), ref("s3://pond/a", "read"))
    found = found_of({("d.py", "d", "t"): TaskLineage(nature="data", datasets=refs)}, labels)
    one = fit(labelled(labels), found)
    assert (one.labelled, one.found, one.missed) == (1, 2, ())
    assert one.surplus == (Named("d.t", "read", "s3://pond/a", 0.9),)


def test_the_committed_labels_can_be_read_and_are_many() -> None:
    told = [
        name
        for file in TRUTHS.glob("datasets_*.json")
        for labels in json.loads(file.read_text(encoding="utf-8")).values()
        for name in labelled(labels)
    ]
    assert len(told) > 100
    for name in told:
        assert fits(name.uri, str(canonical(name.uri.replace("{any}", "x"))))
