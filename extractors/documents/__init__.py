"""Bytes to Document, one module a format. Knows no form and converts no number."""
