"""The reading library: bytes in, records out. Nothing here knows Dagster, DuckDB, dbt or Great Expectations."""
