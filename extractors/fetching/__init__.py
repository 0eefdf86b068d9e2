"""Getting bytes and keeping them. Parses nothing."""
