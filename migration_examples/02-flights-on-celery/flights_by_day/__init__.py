"""The flights that left New York in 2013, day by day: what Celery's workers compute."""
