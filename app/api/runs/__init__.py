"""Runs and watches over the service: what the book's figures were computed from, and what could not be."""
