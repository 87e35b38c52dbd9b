"""The command line: `acreline ...`."""
