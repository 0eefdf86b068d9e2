"""Group `published`: what people open. Only after the blocking checks."""
