"""Texts with a blank that documentation leaves for its reader to fill in: `<PROJECT ID>`,
`your-bucket-name`, `REPLACE_ME`. Code that was copied from it, and settings that are shipped as an
example, may still have them.
"""

import re
from urllib.parse import unquote

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


def has_blank(text: str) -> bool:
    """Whether a part of a text or a URI is there to be filled in."""
    known = _KNOWN_WHEN_IT_RUNS.sub("", unquote(text))
    return _BLANK.search(known) is not None or _NOTE.search(known) is not None
