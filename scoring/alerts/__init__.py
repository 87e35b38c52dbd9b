"""Alerts: how findings become levels with a memory, and which of them deserve a visit first."""
