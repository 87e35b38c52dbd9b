"""Work that the web process hands to workers: asked for, taken up, done once, and told of."""
