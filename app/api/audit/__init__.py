"""Who looked at what and took what out, for risk officers; people and units, for administrators."""
