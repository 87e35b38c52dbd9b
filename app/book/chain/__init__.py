"""The institution's chain: entries, what they vouch for, verification, and heads kept outside."""
