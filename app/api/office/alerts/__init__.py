"""Alerts over the service: the work list, the story of one, and what people do with them."""
