"""Objects in a store, by the URL of the store's own that an address over HTTP stands for."""

import re

# Teradata writes `/s3/bucket.s3.amazonaws.com/key`, others `https://bucket.s3.amazonaws.com/key`.
_WEB = re.compile(r"(?:https://|/(?:s3|gs|az)/)([^/]+)/(.*)", re.DOTALL)
_HOSTS = (
    (re.compile(r"(?P<bucket>.+)\.s3[\w.-]*\.amazonaws\.com(\.cn)?"), "s3"),
    (re.compile(r"(?P<bucket>.+)\.storage\.googleapis\.com"), "gs"),
    (re.compile(r"s3[\w.-]*\.amazonaws\.com(\.cn)?"), "s3"),
    (re.compile(r"storage\.(googleapis|cloud\.google)\.com"), "gs"),
    (re.compile(r"[\w-]+\.blob\.core\.windows\.net"), "wasbs"),
)
_LONGEST = 4096  # longer texts are no addresses, and slow to tell from one
_SHORT = {"bq": "bigquery"}


def object_url(text: str) -> str:
    """`s3://bucket/key` for an address of that object; any other text as it is."""
    if len(text) > _LONGEST:
        return text
    short, separator, rest = text.partition("://")
    if separator and short in _SHORT:
        return f"{_SHORT[short]}://default/{rest}"
    found = _WEB.fullmatch(text)
    if found is None:
        return text
    host, path = found.groups()
    for pattern, scheme in _HOSTS:
        known = pattern.fullmatch(host)
        if known is not None:
            bucket = known.groupdict().get("bucket")
            first, _, rest = path.partition("/")
            account = f"@{host}" if scheme == "wasbs" else ""
            return (
                f"{scheme}://{bucket}/{path}" if bucket else f"{scheme}://{first}{account}/{rest}"
            )
    return text
