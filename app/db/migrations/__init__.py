"""Steps of the database schema, for alembic."""
