"""Files of parcels that people upload. They may be hostile: they are read apart, with little memory and time."""
