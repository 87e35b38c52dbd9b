"""Reading files on disk, behind HTTPS and in object stores: paths and options for GDAL, signing, identity, errors.

Secrets (signatures, keys) go into requests only: never into items, messages, logs or hashes.
"""

from tiles.access.asking import retries
from tiles.access.errors import explain
from tiles.access.hrefs import is_remote, unsigned, without_queries
from tiles.access.identity import asset_identities, asset_identity
from tiles.access.paths import gdal_options, opened
from tiles.access.signing import use_planetary_computer_key

__all__ = [
    "asset_identities",
    "asset_identity",
    "explain",
    "gdal_options",
    "is_remote",
    "opened",
    "retries",
    "unsigned",
    "use_planetary_computer_key",
    "without_queries",
]
