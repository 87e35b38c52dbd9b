"""Pure decisions: policy packs, limits with receipts, phenology. No imagery, torch, web or database."""
