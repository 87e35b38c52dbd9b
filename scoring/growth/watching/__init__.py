"""From the looks of a run to findings, for blocks of parcels with their neighbours around."""
