"""Tables of the book: subjects, batches, proposals, the chain; loans as the core system knows them. Frozen."""
