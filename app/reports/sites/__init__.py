"""Observation reports on energy sites: facts told in English or Chinese, as data for the template."""
