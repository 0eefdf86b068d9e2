"""Generators of data files that are committed. Run by hand, never by the pipeline or the tests."""
