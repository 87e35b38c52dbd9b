"""When a site was built, from a series of one number that rises (or falls) on construction."""
