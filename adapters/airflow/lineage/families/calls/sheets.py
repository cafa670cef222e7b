"""Sheets of Google: through the hook of the provider, Google's client, gspread and pygsheets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from adapters.airflow.legacy.datasets import DatasetRef
from adapters.airflow.legacy.snapshot import Call
from adapters.airflow.lineage.certainty import GUESS
from adapters.airflow.lineage.families.calls.servers import made_by

_TAB = "worksheet|worksheet_by_title(title)"
_READS = (
    "get_all_records|get_all_values|get_values|get_as_df|get_as_dataframe|batch_get|values_get|get"
    "|col_values|row_values|get_col|get_row|range|acell|cell"
)
_WRITES = (
    "append_row|append_rows|insert_row|insert_rows|append_table|update|update_cell|update_acell"
    "|update_cells|update_row|update_col|update_value|update_values|set_dataframe"
    "|set_with_dataframe|values_update|values_append|batch_update|clear|batch_clear"
)
SHEETS = f"""
GSheetsHook(gcp_conn_id).get_values(spreadsheet_id, range_)  gsheets://{{spreadsheet_id}}/{{range_?}} -> -
GSheetsHook(gcp_conn_id).update_values|append_values(spreadsheet_id, range_)  - -> gsheets://{{spreadsheet_id}}/{{range_?}}
values.get|batchGet(*, spreadsheetId, range|ranges)        gsheets://{{spreadsheetId}}/{{range?}} -> -
values.update|append(*, spreadsheetId, range)              - -> gsheets://{{spreadsheetId}}/{{range?}}
open_by_key|open_by_url(spreadsheet).{_TAB}.{_WRITES}(values)  - -> gsheets://{{spreadsheet}}/{{title}}
open_by_key|open_by_url(spreadsheet).{_TAB}.{_READS}(range)  gsheets://{{spreadsheet}}/{{title}} -> -
open_by_key|open_by_url(spreadsheet).{_WRITES}(values)     - -> gsheets://{{spreadsheet}}/
open_by_key|open_by_url(spreadsheet).{_READS}(range)       gsheets://{{spreadsheet}}/ -> -
open_by_key|open_by_url(spreadsheet)                       ~gsheets://{{spreadsheet}}/ -> -
gspread|pygsheets: open(spreadsheet).{_TAB}.{_WRITES}(values)  - -> gsheets://{{spreadsheet}}/{{title}}
gspread|pygsheets: open(spreadsheet).{_TAB}.{_READS}(range)  gsheets://{{spreadsheet}}/{{title}} -> -
gspread|pygsheets: open(spreadsheet).{_WRITES}(values)     - -> gsheets://{{spreadsheet}}/
gspread|pygsheets: open(spreadsheet).{_READS}(range)       gsheets://{{spreadsheet}}/ -> -
gspread|pygsheets: *.open(spreadsheet)                     ~gsheets://{{spreadsheet}}/ -> -
"""  # noqa: E501 - a table
PARAMETER = "spreadsheet"
_OF_FRAMES = ("set_with_dataframe", "get_as_dataframe")
_ADDRESS = re.compile(r"https?://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/([\w-]+)")


def as_authority(text: str) -> str:
    """A spreadsheet by its key, in whichever way it is told; one that is told by its title has the
    title with its signs escaped.
    """
    address = _ADDRESS.match(text)
    return address[1] if address else quote(text, safe="")


def as_method(call: Call) -> Call:
    """`set_with_dataframe(worksheet, frame)` as if it were called on the worksheet."""
    sheet = made_by(call.arguments[0]) if call.arguments and call.name in _OF_FRAMES else ()
    return call.model_copy(update={"on": sheet, "arguments": ()}) if sheet else call


def without_whole(datasets: Sequence[DatasetRef]) -> list[DatasetRef]:
    """Without a spreadsheet that is only opened, where worksheets of it are known."""
    opened = {ref.uri for ref in datasets if _is_opened(ref)}
    within = {
        uri for uri in opened if any(ref.uri.startswith(uri) and ref.uri != uri for ref in datasets)
    }
    return [ref for ref in datasets if ref.uri not in within or not _is_opened(ref)]


def _is_opened(ref: DatasetRef) -> bool:
    return ref.uri.startswith("gsheets://") and ref.uri.endswith("/") and ref.confidence <= GUESS
