"""Energy sites in the database: plans taken in, read back, judged and told."""
