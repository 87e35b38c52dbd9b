"""Markers of parcels on one day: sowing, canopy, harvest, decline, abandonment, crop and number of crops."""
