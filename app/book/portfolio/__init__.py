"""The book summed up: parcels, contracts and amounts by unit, crop, class, product or state."""
