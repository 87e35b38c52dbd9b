"""What leaves the house on paper: letters about limits, typeset as PDF."""
