"""The proof that the project on Spark equals the project on DuckDB: `make test-spark`. Not part of `make test`."""
