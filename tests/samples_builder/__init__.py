"""Builds the bundled samples: one module a document, its damage included. Shares no code with the reader; labels come from
the forms, figures from extractors/samples/expected. Same input, same bytes. `python -m tests.samples_builder` writes them.
"""
