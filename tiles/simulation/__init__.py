"""Simulated seasons: fields, crop calendars, reflectance, clouds; for the demonstration, for tests and for training.

Nothing here is an observation. Whatever it writes says so: titles say "simulated" and the STAC flag
`acreline:simulated` is true. `chips` holds what training needs in memory, `season` writes a county to disk.
"""
