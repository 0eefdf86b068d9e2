"""The statutory forms as data: one folder a form, and `catalogue` to load them. No reading, no evaluation."""
