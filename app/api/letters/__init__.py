"""Letters to farmers and sheets for committees: asked for, and fetched once a worker wrote them."""
