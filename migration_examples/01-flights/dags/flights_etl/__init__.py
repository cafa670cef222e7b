"""What the flights DAGs share: the source files, the warehouse, and the Python steps."""
