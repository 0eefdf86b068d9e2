"""What is run together: the jobs."""
