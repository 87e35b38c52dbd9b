"""What one look at an energy site shows: pixels in, rows of geo.observations.SITE_LOOKS out."""
