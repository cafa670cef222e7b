"""dbt's selection syntax over the nodes of a project; compared with `dbt ls` of dbt-core 1.11."""

import pytest

from adapters.airflow.legacy.dbt.forms import DbtNode, DbtProject
from adapters.airflow.lineage.dbt.selection import NotKnown, Selection


def made(key, path, *above, **given):
    return DbtNode(id=key, path=path, depends_on=above, **given)


PROJECT = DbtProject(
    name="shop",
    path="dbt",
    nodes=(
        made("source.shop.raw.orders", "models/schema.yml"),
        made("source.shop.raw.codes", "models/schema.yml"),
        made("seed.shop.zip", "seeds/zip.csv"),
        made(
            "model.shop.stg",
            "models/staging/eu/stg.sql",
            "source.shop.raw.orders",
            tags=("early",),
            materialized="view",
        ),
        made("model.shop.mid", "models/core/mid.sql", "model.shop.stg", materialized="table"),
        made("model.shop.dim.v1", "models/core/dim_v1.sql", "model.shop.mid", tags=("early",)),
        made("model.shop.side", "models/core/side.sql", "seed.shop.zip"),
        made("test.shop.not_null_stg_id", "models/schema.yml", "model.shop.stg"),
        made("test.shop.rel", "models/schema.yml", "model.shop.mid", "model.shop.side"),
        made("test.shop.single", "tests/single.sql", "model.shop.side", tags=("early",)),
    ),
    selectors={
        "nightly": {"union": ["stg", {"method": "tag", "value": "early", "children": True}]},
        "less": {"union": [{"method": "path", "value": "models/core"}, {"exclude": ["side"]}]},
        "both": {"intersection": [{"tag": "early"}, "mid+"]},
        "again": {"method": "selector", "value": "both", "parents": True, "parents_depth": 1},
    },
)
SELECTION = Selection(PROJECT)


def chosen(*select, models=True, **given):
    found = SELECTION.chosen(select, **given)
    kinds = ("model", "seed", "snapshot") if models else ("test",)
    return sorted(key.split(".", 2)[2] for key in found if key.split(".")[0] in kinds)


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("stg", ["stg"]),
        ("+mid", ["mid", "stg"]),
        ("mid+", ["dim.v1", "mid"]),
        ("1+dim", ["dim.v1", "mid"]),
        ("stg+1", ["mid", "stg"]),
        ("@side", ["mid", "side", "stg", "zip"]),
        ("dim", ["dim.v1"]),
        ("dim.v1", ["dim.v1"]),
        ("core", ["dim.v1", "mid", "side"]),
        ("shop.staging.eu", ["stg"]),
        ("staging.*", ["stg"]),
        ("models/core", ["dim.v1", "mid", "side"]),
        ("path:models/staging+", ["dim.v1", "mid", "stg"]),
        ("mid.sql", ["mid"]),
        ("tag:early", ["dim.v1", "stg"]),
        ("tag:early,path:models/core", ["dim.v1"]),
        ("source:raw.orders+", ["dim.v1", "mid", "stg"]),
        ("source:raw.codes+", []),
        ("config.materialized:table", ["mid"]),
        ("resource_type:seed", ["zip"]),
        ("package:shop", ["dim.v1", "mid", "side", "stg", "zip"]),
        ("nobody", []),
        ("eu.stg", []),
    ],
)
def test_a_criterion_chooses(select, expected):
    assert chosen(select) == expected


def test_several_are_a_union_less_what_is_excluded():
    assert chosen("stg", "side") == ["side", "stg"]
    assert chosen("stg+", exclude=["mid"]) == ["dim.v1", "stg"]
    assert chosen(exclude=["core"]) == ["stg", "zip"]
    assert len(SELECTION.chosen([])) == len(PROJECT.nodes)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("nightly", ["dim.v1", "mid", "stg"]),
        ("less", ["dim.v1", "mid"]),
        ("both", ["dim.v1"]),
        ("again", ["dim.v1", "mid"]),
    ],
)
def test_selectors_of_the_project(selector, expected):
    assert chosen(selector=selector) == expected


@pytest.mark.parametrize(
    ("select", "indirect", "expected"),
    [
        ("stg", "eager", ["not_null_stg_id"]),
        ("mid", "eager", ["rel"]),
        ("mid", "cautious", []),
        ("mid", "empty", []),
        ("mid side", "cautious", []),
        ("not_null_stg_id", "eager", ["not_null_stg_id"]),
        ("test_type:singular", "eager", ["single"]),
        ("tag:early", "eager", ["not_null_stg_id", "single"]),
    ],
)
def test_tests_come_with_what_they_are_about(select, indirect, expected):
    assert chosen(select, models=False, indirect=indirect) == expected


def test_a_test_about_two_is_chosen_cautiously_with_both():
    assert "rel" in chosen("mid", "side", models=False, indirect="cautious")


@pytest.mark.parametrize(
    "select", ["state:modified", "result:error", "config.meta:x", "a+b+c", "+"]
)
def test_what_files_do_not_decide_is_not_known(select):
    with pytest.raises(NotKnown):
        SELECTION.chosen([select])
    with pytest.raises(NotKnown):
        SELECTION.chosen([], selector="nobody")
