"""Alerts in the database: watches, what people do with them, visits, signals from outside and notices."""
