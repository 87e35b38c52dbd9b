"""Parcels as OGC API - Features, Part 1: Core (OGC 17-069r4), for geographic information systems."""
