"""Parties and their personal data: consents, retention, access, erasure."""
