"""The URI under which Airflow knows one of our assets, whatever version and providers it has."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from bridge.errors import DefinitionError
from bridge.keys import AssetKey

# Airflow leaves "x-" schemes alone; for any other 2.11 loads all providers, which takes 60 ms.
_OWN = "x-bridge://"
_RESERVED = "airflow"
# Words after the authority in an AIP-60 URI: with the provider installed, Airflow 3 refuses a DAG
# file with any other number, such as the one word of OpenLineage's database.schema.table.
_AIP_60_WORDS = {
    "bigquery": 2,
    "mariadb": 2,
    "mysql": 2,
    "postgres": 3,
    "postgresql": 3,
    "trino": 3,
}
_PRINTABLE = "".join(map(chr, range(33, 127)))


def asset_uri(key: AssetKey, uri: str | None) -> str:
    """The asset's own `uri`, made fit for every Airflow, else its key, as x-bridge://marts/orders.

    User and password are dropped. Where a provider would refuse the URI, "x-" before its scheme
    keeps it from looking. Raises DefinitionError for the scheme that Airflow keeps for itself.
    """
    if uri is None:
        return _OWN + "/".join(quote(component, safe="") for component in key.path)
    parts = urlsplit(uri)
    scheme = parts.scheme.lower()
    if scheme == _RESERVED:
        raise DefinitionError(
            f"Asset {key} has the URI {uri!r}, and Airflow keeps the scheme airflow:// for itself. "
            "Name the dataset by where it is stored."
        )
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if parts.netloc else uri
    plain = quote(plain, safe=_PRINTABLE)
    words = _AIP_60_WORDS.get(scheme)
    fits = words is None or len([word for word in parts.path.split("/") if word]) == words
    return plain if fits and (words is None or parts.netloc) else f"x-{plain}"
