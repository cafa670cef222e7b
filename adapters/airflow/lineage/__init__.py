"""From a recorded task to the datasets it reads and writes, each with its evidence.

Here: one operator family a file (`families/`), the explicit tuple of them (`reading`), SQL
(`sql_reading`) and Jinja (`templates`). Everything works on a `DagSnapshot` alone: no DAG file, no
Airflow, no network. Not here: which asset a dataset becomes (`adapters.airflow.legacy.assets`).
"""
