"""Signals from outside: read from files, kept with source and day, shown beside alerts. They raise nothing."""
