"""Airflow: generate DAGs, read legacy ones, observe both, and move tasks between them."""
