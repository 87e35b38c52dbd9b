"""The work list: alerts by what a visit may save, their whole story, and what people do with them."""
