"""Legacy DAGs, read without changing them: a `DagSnapshot`, the ways to take one, and the assets it
stands for.

Here: the snapshot form (`snapshot`), taking one from source (`take`, `record/`), turning it into
observable assets (`assets`) and the mapping file a person reviews (`mapping`). Not here: what a
task reads and writes (`adapters.airflow.lineage`), and anything that imports Airflow.
"""
