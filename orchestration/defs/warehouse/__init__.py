"""Groups `staging`, `intermediate`, `marts` and `quality`: the star schema, made by dbt."""
