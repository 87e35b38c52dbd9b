"""The database: one per institution, on SQLite or PostgreSQL."""
