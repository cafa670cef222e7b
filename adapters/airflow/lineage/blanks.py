"""Names with a blank that documentation leaves for its reader to fill in: `<PROJECT ID>`,
`your-bucket-name`, `REPLACE_ME`. Code that was copied from it may still have them; no dataset is
called so.
"""

import re
from dataclasses import replace
from urllib.parse import unquote

from adapters.airflow.legacy.datasets import DatasetRef
from adapters.airflow.lineage.certainty import HARDLY

_KNOWN_WHEN_IT_RUNS = re.compile(r"\{[^{}]*\}")
_THINGS = """
    account bucket catalog cluster collection company container database dataset db directory domain
    endpoint file filename folder host hostname id index instance key name namespace org
    organization path prefix project queue region schema server stage table tenant topic warehouse
    workspace
    """.split()  # noqa: SIM905
_BLANK = re.compile(
    r"<[^<>]*[a-z][^<>]*>"
    r"|(?<![a-z0-9])(?:"
    rf"your(?:[-_ ][a-z0-9]+)*[-_ ]?(?:{'|'.join(_THINGS)})s?"
    r"|(?:replace|change|fill)[-_ ]?(?:me|this)"
    r"|(?:put|insert|enter)[-_ ](?:[a-z0-9]+[-_ ])+here"
    r")(?![a-z0-9])",
    re.IGNORECASE,
)
_NOTE = re.compile(r"(?<![A-Za-z0-9_-])(?:TODO|FIXME|TBD)(?![A-Za-z0-9_-])")


def has_blank(uri: str) -> bool:
    """Whether a part of a URI is there to be filled in."""
    text = _KNOWN_WHEN_IT_RUNS.sub("", unquote(uri))
    return _BLANK.search(text) is not None or _NOTE.search(text) is not None


def doubted(ref: DatasetRef) -> DatasetRef:
    """The dataset, which is hardly one if its name has a blank."""
    if not has_blank(ref.uri):
        return ref
    return replace(ref, evidence="placeholder", confidence=min(ref.confidence, HARDLY))
