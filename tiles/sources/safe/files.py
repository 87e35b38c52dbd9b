"""Sentinel-2 products in the SAFE format on disk, as folders or archives, and the checksums in their manifests."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, cast
from xml.etree import ElementTree as ET

from geo.errors import DataError, InputError
from geo.files import fingerprint
from tiles.sources.base import ASSETS

MANIFEST: Final = "manifest.safe"
REMEDY: Final = "Fetch the product again, or take it out of the folder."

#: Images of a product that are used: band and resolution in metres.
IMAGE = re.compile(r"_(B\w\w|SCL)_(10|20)m\.jp2$")

#: Resolution of each band as delivered, metres.
OWN_RESOLUTION: Final = {band: "10" if band in ("B02", "B03", "B04", "B08") else "20" for band in ASSETS}

_METADATA = re.compile(r"^MTD_MSIL(2A|1C)\.xml$")
_HASHES: Final[dict[str, Callable[[], Any]]] = {
    "MD5": partial(hashlib.md5, usedforsecurity=False),
    "SHA3-256": hashlib.sha3_256,
}


@dataclass(frozen=True, slots=True)
class SafeProduct:
    """A product on disk.

    Attributes:
        path: the .SAFE folder or the .zip.
        inner: name of the .SAFE folder in the archive; empty for a folder.
        files: size in bytes of all its files by name below the .SAFE folder.
    """

    path: Path
    inner: str
    files: Mapping[str, int]

    @property
    def name(self) -> str:
        """Name of the product without .SAFE: its item's id."""
        return (self.inner or self.path.name).removesuffix(".SAFE")

    @property
    def metadata(self) -> str:
        """Name of the product's metadata file; InputError where it has none."""
        found = next((name for name in self.files if _METADATA.match(name)), None)
        if found is None:
            raise InputError(
                "SAFE_FORMAT",
                f"{self.path} holds no MTD_MSIL2A.xml.",
                "Name Sentinel-2 L2A products in the format in use since December 2016.",
            )
        return found

    @property
    def is_level_2a(self) -> bool:
        """Whether its metadata file is that of surface reflectance."""
        return self.metadata == "MTD_MSIL2A.xml"

    def gdal_path(self, name: str) -> str:
        """Path under which GDAL opens one of its files."""
        return f"/vsizip/{self.path}/{self.inner}/{name}" if self.inner else str(self.path / name)

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """One of its files, for reading bytes."""
        if not self.inner:
            with (self.path / name).open("rb") as file:
                yield file
            return
        with zipfile.ZipFile(self.path) as archive, archive.open(f"{self.inner}/{name}") as member:
            yield cast(BinaryIO, member)

    @property
    def images(self) -> dict[str, str]:
        """Names of its images by band, at the band's own resolution; bands that it lacks are absent."""
        found = {(match[1], match[2]): name for name in self.files if (match := IMAGE.search(name))}
        return {band: found[band, metres] for band, metres in OWN_RESOLUTION.items() if (band, metres) in found}

    def fingerprint(self) -> str:
        """Hash of its metadata and of the sizes of its images: the same for folder and archive, wherever they lie."""
        texts = [name for name in sorted(self.files) if name.endswith((self.metadata, "MTD_TL.xml", MANIFEST))]
        contents = []
        for name in texts:
            with self.opened(name) as file:
                contents.append(hashlib.sha256(file.read()).hexdigest())
        sizes = {name: size for name, size in self.files.items() if IMAGE.search(name)}
        return fingerprint("safe", 1, dict(zip(texts, contents, strict=True)), sizes)


def find_products(path: Path) -> list[SafeProduct]:
    """Products at a path: one .SAFE folder, one .zip, or a folder of them; each once, by name.

    Raises:
        InputError: there is none.
        DataError: an archive cannot be read.
    """
    candidates = [path] if looks_like_safe(path) else sorted(filter(looks_like_safe, path.iterdir()))
    products = [_folder(each) if each.is_dir() else _archive(each) for each in candidates]
    found = {product.name: product for product in reversed([each for each in products if each is not None])}
    if not found:
        raise InputError(
            "NO_SAFE", f"{path} holds no Sentinel-2 product.", "Name a .SAFE folder, its .zip, or a folder."
        )
    return [found[name] for name in sorted(found)]


def looks_like_safe(path: Path) -> bool:
    """Whether a path may be a product, by its name."""
    return (path.suffix == ".SAFE" and path.is_dir()) or (path.suffix.lower() == ".zip" and path.is_file())


def _folder(path: Path) -> SafeProduct:
    files = {each.relative_to(path).as_posix(): each.stat().st_size for each in path.rglob("*") if each.is_file()}
    return SafeProduct(path.resolve(), "", files)


def _archive(path: Path) -> SafeProduct | None:
    """The product in an archive, None where it holds something else."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info.file_size for info in archive.infolist() if not info.is_dir()}
    except (zipfile.BadZipFile, OSError) as error:
        raise DataError("UNREADABLE_ARCHIVE", f"{path} cannot be read: {error}.", REMEDY) from error
    inner = next((name.partition("/")[0] for name in members if ".SAFE/" in name), None)
    if inner is None:
        return None
    start = f"{inner}/"
    return SafeProduct(
        path.resolve(),
        inner,
        {name.removeprefix(start): size for name, size in members.items() if name.startswith(start)},
    )


def verify_file(product: SafeProduct, name: str, stated: Mapping[str, tuple[str, str]]) -> None:
    """Compare a file with the checksum that the product's manifest states; nothing where it states none.

    Raises:
        DataError: the content is not what the manifest states, or cannot be read.
    """
    if name not in stated:
        return
    kind, digest = stated[name]
    try:
        with product.opened(name) as file:
            found = hashlib.file_digest(cast(Any, file), _HASHES[kind]).hexdigest()  # which is typed too narrowly
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        raise DataError("SAFE_DAMAGED", f"{name} of product {product.name} cannot be read: {error}.", REMEDY) from error
    if found != digest:
        raise DataError(
            "SAFE_DAMAGED",
            f"{name} of product {product.name} is not the file that its manifest describes: {kind} {found}, "
            f"not {digest}.",
            REMEDY,
        )


def stated_checksums(product: SafeProduct) -> dict[str, tuple[str, str]]:
    """Kind and digest of files by name, from the product's manifest; empty where it has none."""
    if MANIFEST not in product.files:
        return {}
    try:
        with product.opened(MANIFEST) as file:
            root = ET.parse(file).getroot()  # noqa: S314 - expat itself stops expansion attacks
    except (ET.ParseError, OSError, zipfile.BadZipFile) as error:
        raise DataError(
            "SAFE_METADATA", f"{MANIFEST} of product {product.name} cannot be read: {error}.", REMEDY
        ) from error
    stated = {}
    for stream in root.iter("byteStream"):
        place, digest = stream.find("fileLocation"), stream.find("checksum")
        if place is None or digest is None or digest.get("checksumName") not in _HASHES:
            continue
        name = str(place.get("href")).removeprefix("./")
        stated[name] = (str(digest.get("checksumName")), str(digest.text).strip().lower())
    return stated
