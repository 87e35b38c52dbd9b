"""The OpenAPI document as a file, from which the page's types are made.

python -m app.api.openapi > app/web/openapi.json && (cd app/web && npm run types)
"""

from __future__ import annotations

import json
import sys

from app.api.application import bare_app


def document() -> str:
    """The document as text that compares well: sorted, indented, one newline at its end."""
    return json.dumps(bare_app().openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
