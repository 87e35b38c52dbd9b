"""Growth of parcels and stands after the loan: series, losses, crop calendars, markers and neighbours."""
