"""The dbt projects of a code base, read from their files without running dbt."""
