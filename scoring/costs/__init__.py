"""Cost of cultivation from a survey of farms, as a proposal for a scale of finance."""
