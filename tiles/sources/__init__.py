"""Where imagery comes from: every source hands over the same STAC items with Sentinel-2 L2A assets."""
