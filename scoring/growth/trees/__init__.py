"""Stands of trees: clearing, thinning and when."""
