"""Energy sites in the making, simulated at 10 m with their truth by date."""
