"""The book for other systems of the bank: pages of rows in an order that stays, without personal data."""
