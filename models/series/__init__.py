"""Labelled time series in one form: readers of real tables, the simulation, and what is done to both."""
