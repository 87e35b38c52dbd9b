"""Making a release: networks and context fitted, calibrated on blocks held out, and written up in a card."""
