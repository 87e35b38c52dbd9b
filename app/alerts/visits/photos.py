"""Photos of visits: checked, stripped of what a phone writes beside the picture, and kept by their hash."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from PIL.TiffImagePlugin import IFDRational

from geo.errors import InputError
from geo.files import whole_file

MOST_BYTES: Final = 20 * 2**20
MOST_PIXELS: Final = 64_000_000
#: First bytes of the two formats that are taken, and how each is written again.
_MAGIC: Final = ((b"\xff\xd8\xff", "JPEG", ".jpg"), (b"\x89PNG\r\n\x1a\n", "PNG", ".png"))
_QUALITY: Final = 88
_OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that may be kept.

    Attributes:
        content: bytes of a JPEG or PNG that holds pixels and nothing else, the right way up.
        suffix: ".jpg" or ".png".
        position: longitude and latitude that the phone had written beside it (degrees, WGS 84); None: none. It is not
            kept.
    """

    content: bytes
    suffix: str
    position: tuple[float, float] | None

    @property
    def digest(self) -> str:
        """SHA-256 of the content, 64 hex digits."""
        return hashlib.sha256(self.content).hexdigest()


def read_photo(path: Path) -> Photo:
    """A photo of a file as it may be kept; see photo_of.

    Raises:
        InputError: the file cannot be read, is too large, or is no whole JPEG or PNG.
    """
    return photo_of(_bytes_of(path), path.name)


def photo_of(content: bytes, name: str, most_pixels: int = MOST_PIXELS) -> Photo:
    """A photo as it may be kept: decoded, turned upright and written again without EXIF, thumbnail or comment.

    Args:
        content: bytes of a JPEG or PNG.
        name: what messages call it.
        most_pixels: more are refused before anything is decoded.

    Raises:
        InputError: it is no whole JPEG or PNG, or has too many pixels.
    """
    found = next((each for each in _MAGIC if content.startswith(each[0])), None)
    if found is None:
        raise InputError("PHOTO_FORMAT", f"{name} is neither JPEG nor PNG.", "Save it as one of them.")
    _, form, suffix = found
    try:
        with warnings.catch_warnings():
            # Its own bound on pixels is checked below, before anything is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=(form,)) as picture:
                _refuse_many_pixels(name, picture, most_pixels)
                return Photo(_plain(picture, form), suffix, _position(picture))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise InputError("PHOTO_DAMAGED", f"{name} cannot be decoded.", "Take it from the phone again.") from error


def keep(folder: Path, photo: Photo) -> str:
    """Write a photo under its hash, where nothing lies yet; the hash."""
    digest = photo.digest
    place = folder / digest[:2] / f"{digest}{photo.suffix}"
    if not place.exists():
        try:
            with whole_file(place) as part:
                part.touch(mode=_OWNER_ONLY)
                part.write_bytes(photo.content)
        except OSError as error:
            raise InputError(
                "PHOTO_FOLDER", f"The folder of photos {folder} cannot be written ({error.strerror}).", "Check it."
            ) from error
    return digest


def kept_at(folder: Path, digest: str) -> Path | None:
    """File of a hash; None where it is not there."""
    places = (folder / digest[:2] / f"{digest}{suffix}" for _, _, suffix in _MAGIC)
    return next((place for place in places if place.is_file()), None)


def _bytes_of(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(
                "PHOTO_SIZE",
                f"{path.name} has {size / 2**20:.0f} MiB, and a photo may have {MOST_BYTES / 2**20:.0f}.",
                "Save it smaller.",
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            "PHOTO_MISSING", f"The photo {path.name} cannot be read ({error.strerror}).", "Check the path."
        ) from error


def _refuse_many_pixels(name: str, picture: Image.Image, most: int) -> None:
    pixels = picture.width * picture.height
    if pixels > most:
        raise InputError(
            "PHOTO_SIZE",
            f"{name} has {pixels / 1e6:.0f} million pixels, and a photo may have {most / 1e6:.0f}.",
            "Save it smaller.",
        )


def _plain(picture: Image.Image, form: str) -> bytes:
    upright = ImageOps.exif_transpose(picture).convert("RGB")
    bare = Image.frombytes("RGB", upright.size, upright.tobytes())  # nothing but pixels comes along
    written = io.BytesIO()
    bare.save(written, form, **({"quality": _QUALITY} if form == "JPEG" else {}))
    return written.getvalue()


def _position(picture: Image.Image) -> tuple[float, float] | None:
    gps = picture.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    names = ExifTags.GPS
    try:
        longitude = _degrees(gps[names.GPSLongitude], gps[names.GPSLongitudeRef], "W")
        latitude = _degrees(gps[names.GPSLatitude], gps[names.GPSLatitudeRef], "S")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (longitude, latitude) if abs(longitude) <= 180 and abs(latitude) <= 90 else None  # noqa: PLR2004 - degrees


def _degrees(parts: tuple[IFDRational, ...], half: Any, negative: str) -> float:
    whole, minutes, seconds = (float(part) for part in parts)
    value = whole + minutes / 60 + seconds / 3600
    return -value if str(half).strip().upper() == negative else value
