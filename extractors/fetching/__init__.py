"""From a location to bytes, and bytes kept for ever. Reads no document, knows no form and no database."""
