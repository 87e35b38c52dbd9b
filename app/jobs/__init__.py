"""Jobs: long work that reads top to bottom, shows progress, and can be killed at any moment and resumed."""
