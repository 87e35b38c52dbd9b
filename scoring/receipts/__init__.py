"""Receipts of a whole book as columns: what is posted to a ledger, by subject, marked and put into words."""
