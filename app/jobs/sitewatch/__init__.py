"""Energy sites watched as of a day: imagery of each site, what it shows, how the site stands."""
