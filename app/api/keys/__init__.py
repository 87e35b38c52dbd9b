"""Keys of other systems of the bank: what each may ask for, and of which units."""
