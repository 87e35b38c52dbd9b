"""The web service over one run: read-only JSON, map layers and the page. It computes nothing and fetches nothing."""
