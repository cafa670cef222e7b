"""All calls that are known, in the order in which they are tried."""

from adapters.airflow.lineage.families.calls import (
    databases,
    files,
    models,
    services,
    sheets,
    spark,
    stores,
)
from adapters.airflow.lineage.families.calls.lines import Table

CALLS = Table.of(
    models.MODELS,
    services.FTP,
    sheets.SHEETS,
    files.FRAMES,
    files.LOCAL,
    stores.AMAZON,
    stores.GOOGLE,
    stores.AZURE,
    stores.HADOOP,
    services.WEB,
    services.DOCUMENTS,
    spark.SPARK,
    databases.FRAMES,
    databases.RUNNING,
    databases.BIGQUERY,
    databases.TABLES,
    services.PROGRAMS,
)
