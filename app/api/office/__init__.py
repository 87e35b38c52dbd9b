"""What the pages of the office are answered from: Today, alerts, parcels and their curves."""
