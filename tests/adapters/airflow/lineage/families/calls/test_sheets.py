"""Sheets that calls read and write."""

import pytest

from tests.adapters.airflow.lineage.written_calls import lineage, touched

READ = "gspread.authorize().open_by_key('k').worksheet('w').get_all_records()"
NAMED = {
    READ: (["gsheets://k/w"], []),
    "account().open_by_key('k').worksheet('w').append_rows([])": ([], ["gsheets://k/w"]),
    "account().open_by_key('k').sheet1.update([])": ([], ["gsheets://k/"]),
    "pygsheets.authorize().open_by_key('k').worksheet_by_title('a b').get_as_df()": (
        ["gsheets://k/a%20b"],
        [],
    ),
    "pygsheets.authorize().open_by_key('k').worksheet_by_title('w').set_dataframe(f(), 'A1')": (
        [],
        ["gsheets://k/w"],
    ),
    "gspread.service_account().open('Sales / 2024').worksheet('w').get_all_values()": (
        ["gsheets://Sales%20%2F%202024/w"],
        [],
    ),
    "gspread.service_account().open('Sales').sheet1.clear()": ([], ["gsheets://Sales/"]),
    "account().open_by_url('https://docs.google.com/spreadsheets/d/k/edit').sheet1.get('A1')": (
        ["gsheets://k/"],
        [],
    ),
    "set_with_dataframe(account().open_by_key('k').worksheet('w'), frame())": (
        [],
        ["gsheets://k/w"],
    ),
    "get_as_dataframe(account().open_by_key('k').worksheet('w'))": (["gsheets://k/w"], []),
    "GSheetsHook('g').get_values('s', 'A1:B2')": (["gsheets://s/A1:B2"], []),
}


@pytest.mark.parametrize("text", NAMED)
def test_sheets_that_a_call_names_are_found(text: str) -> None:
    assert touched(lineage(text)) == NAMED[text]


@pytest.mark.parametrize(
    "text",
    [
        "opener().open('Sales').worksheet('w').get_all_values()",  # of whatever library
        "set_with_dataframe(frame(), 'x')",
    ],
)
def test_what_is_no_sheet_is_left_alone(text: str) -> None:
    assert touched(lineage(text)) == ([], [])


def test_a_spreadsheet_that_is_only_opened_is_its_worksheets_where_these_are_known() -> None:
    found = lineage("gspread.authorize().open_by_key('k')", READ)
    alone = lineage("gspread.authorize().open_by_key('k')", READ.replace("'k'", "'l'"))

    assert touched(found) == (["gsheets://k/w"], [])
    assert touched(alone) == (["gsheets://k/", "gsheets://l/w"], [])
