"""A run watched as of a day: what is asked and known, sources of findings, parts, files and the database."""
