"""Observation reports on energy sites: facts of the book with pictures of the run, as PDF."""
