"""Benchmarks: run by hand or by `make bench`, never by the tests. They measure and print; they judge nothing."""
