"""Dagster's storage on a real PostgreSQL: `make test-postgres`. Not part of `make test`."""
