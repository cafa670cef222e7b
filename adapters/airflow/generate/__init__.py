"""Assets as Airflow DAGs: the graph becomes a manifest, and that DAG objects or readable files.

Belongs here: names, the manifest, and its two forms. Not here: what a generated task does
(`adapters.airflow.runtime`). Only `loader` runs inside Airflow; it reads the manifest, and imports
neither the graph nor user code.
"""
