"""Wires the library to Dagster. No reading and no rule of the field lives here."""
