"""What the definitions call: the warehouse, dbt, Great Expectations, the home folder. No Dagster definition here."""
