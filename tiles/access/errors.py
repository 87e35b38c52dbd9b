"""What a failed read of a raster means, in one error that names the file."""

from __future__ import annotations

import re

import rasterio
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader

from geo.errors import AcrelineError, DataError
from tiles.access.asking import bytes_stated, first_byte, store_says
from tiles.access.hrefs import is_remote
from tiles.access.paths import ask_again, gdal_options, opened
from tiles.access.statuses import by_status, chain, down, first_line, told, unreadable

_ABSENT = re.compile(r"No such file or directory|does not exist in the file system")
_SHORT = re.compile(r"got \d+ bytes, expected")


def explain(error: BaseException, href: str) -> AcrelineError:
    """What a failed read means; raise it `from None`, since the library's own message may hold a signature.

    The next `tiles.access.opened` of the file reaches its server again. Where the error does not say what happened
    (GDAL says nothing when a block does not come), the server is asked for one byte, which tells a damaged file from
    one that did not arrive.

    Args:
        error: what rasterio, requests or fsspec raised.
        href: the file, as its item carries it.

    Returns:
        DataError MISSING_ASSET or UNREADABLE_RASTER; InputError TOKEN_EXPIRED (401) or ACCESS_DENIED (403); and to be
        tried again, TransientError RATE_LIMITED (429), SOURCE_DOWN (5xx, no answer, lost bytes) or TOKEN_EXPIRED (a
        signature, which is made afresh). An AcrelineError comes back as it is.
    """
    if isinstance(error, AcrelineError):
        return error
    if not is_remote(href):
        return _local(error, href)
    ask_again(href)
    return told(error, href) or _by_asking(error, href)


def _local(error: BaseException, path: str) -> DataError:
    if isinstance(error, FileNotFoundError) or any(_ABSENT.search(str(cause)) for cause in chain(error)):
        return DataError(
            "MISSING_ASSET", f"There is no file {path}.", "Fetch it again, or take its scene out of the catalogue."
        )
    return unreadable(path, first_line(error))


def _by_asking(error: BaseException, href: str) -> AcrelineError:
    try:
        size = store_says(href).get("size") if href.startswith("s3://") else _size(href)
    except (OSError, AcrelineError) as failed:
        return failed if isinstance(failed, AcrelineError) else told(failed, href) or down(href, first_line(failed))
    if not any(_SHORT.search(str(cause)) for cause in chain(error)):
        return unreadable(href, first_line(error))
    needed = _bytes_needed(href)
    if needed is None or size is None:
        return unreadable(href, "the file breaks off")
    if needed > size:
        return unreadable(href, f"the file breaks off: it has {size} bytes of at least {needed}")
    return down(href, "not all bytes came")


def _size(href: str) -> int | None:
    answer = first_byte(href)
    if not answer.ok:
        raise by_status(answer.status_code, href)
    return bytes_stated(answer)


def _bytes_needed(href: str) -> int | None:
    """Where a GeoTIFF's last block ends, bytes from its start; None if that cannot be read."""
    try:
        with rasterio.Env(**gdal_options(href)), rasterio.open(opened(href)) as file:
            return max(_block_ends(file), default=None)
    except (RasterioError, AcrelineError):
        return None


def _block_ends(file: DatasetReader) -> list[int]:
    height, width = file.block_shapes[0]
    places = [f"{x}_{y}" for y in range(-(-file.height // height)) for x in range(-(-file.width // width))]
    said = [
        [file.get_tag_item(f"BLOCK_{what}_{place}", "TIFF", bidx=1) for what in ("OFFSET", "SIZE")] for place in places
    ]
    return [int(offset) + int(size) for offset, size in said if offset and size]
