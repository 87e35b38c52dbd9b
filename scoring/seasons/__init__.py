"""The three times of a limit: before the season, in the season, and what a season leaves to the next."""
