"""Group `archive`: which sources there are, and their bytes."""
