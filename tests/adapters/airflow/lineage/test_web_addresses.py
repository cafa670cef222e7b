"""Addresses of the web with a question."""

from __future__ import annotations

import pytest

from adapters.airflow.lineage.web_addresses import without_question
from tests.adapters.airflow.lineage.written_calls import lineage


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("https://api.x.com/orders?page=1&limit=10", "https://api.x.com/orders"),
        ("https://api.x.com/orders%3Fpage={page}", "https://api.x.com/orders"),
        ("https://api.x.com/orders/?key={API_KEY}", "https://api.x.com/orders"),
        ("https://api.x.com/%3Fq=1", "https://api.x.com/"),
        ("https://x.com/a.csv%23part", "https://x.com/a.csv"),
        ("https://x.com/uc%3Fexport=download%26id=12", "https://x.com/uc%3Fid=12"),
        ("https://x.com/download?token=s&file=a.csv", "https://x.com/download%3Ffile=a.csv"),
        ("https://x.com/export%3Ftoken=s", "https://x.com/export"),
    ],
)
def test_a_question_is_no_part_of_an_address(asked: str, expected: str) -> None:
    assert without_question(asked) == expected


@pytest.mark.parametrize(
    "uri", ["https://x.com/orders", "s3://b/what%3F.csv", "file:///data/a%23b.csv", "http://h/"]
)
def test_other_names_stay(uri: str) -> None:
    assert without_question(uri) == uri


def test_the_pages_of_an_address_are_one_dataset() -> None:
    found = lineage(
        "requests.get('https://api.x.com/orders?page=1')",
        "requests.get('https://api.x.com/orders?page=2')",
        "requests.get('https://api.x.com/lines')",
    )
    assert [ref.uri for ref in found.datasets] == [
        "https://api.x.com/lines",
        "https://api.x.com/orders",
    ]


NUMBERED = {
    "pages": ([f"https://x.com/p/page-{n}" for n in range(3)], ["https://x.com/p/page-{number}"]),
    "tiles": (
        [f"https://x.com/api/v1/2/{n}/{n + 7}.png" for n in range(4)],
        ["https://x.com/api/v1/2/{number}/{number}.png"],
    ),
    "two years": (
        ["https://x.com/2019.csv", "https://x.com/2020.csv"],
        ["https://x.com/2019.csv", "https://x.com/2020.csv"],
    ),
    "versions": (
        [f"https://x.com/v{n}/orders" for n in range(1, 4)],
        [f"https://x.com/v{n}/orders" for n in range(1, 4)],
    ),
    "files": ([f"s3://b/{n}.csv" for n in range(3)], [f"s3://b/{n}.csv" for n in range(3)]),
}


@pytest.mark.parametrize("name", NUMBERED)
def test_addresses_that_differ_in_numbers_alone_are_one(name: str) -> None:
    uris, expected = NUMBERED[name]
    read = "pd.read_csv('{}')"
    found = lineage(*(read.format(uri) for uri in uris))
    assert [ref.uri for ref in found.datasets] == expected
