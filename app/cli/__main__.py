"""`python -m app.cli`: the command where the script is not on the path."""

from __future__ import annotations

from app.cli.main import main

if __name__ == "__main__":
    main()
