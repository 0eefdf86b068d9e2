"""Group `raw`: what was read from the documents, and the forms as data."""
