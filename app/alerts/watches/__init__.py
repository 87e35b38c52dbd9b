"""Watches in the database: alerts by key, their histories with evidence, replays and pictures."""
