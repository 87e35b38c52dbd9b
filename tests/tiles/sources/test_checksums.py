from __future__ import annotations

import hashlib
from pathlib import Path

import pystac
import pytest

from geo.errors import AcrelineError, DataError
from tiles.access import asset_identity
from tiles.sources.checksums import checked_sha256, describe_file, require_size

CONTENT = b"digital numbers"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
REMEDY = "Fetch it again, or take its scene out of the catalogue."


@pytest.fixture
def asset(tmp_path: Path) -> pystac.Asset:
    path = tmp_path / "B02.tif"
    path.write_bytes(CONTENT)
    return pystac.Asset(str(path))


def refusal(asset: pystac.Asset) -> str:
    with pytest.raises(AcrelineError) as caught:
        checked_sha256(asset)
    return f"{caught.value.code} {caught.value}"


def test_without_a_stated_checksum_there_is_nothing_to_compare(asset: pystac.Asset) -> None:
    assert checked_sha256(asset) == SHA256
    require_size(asset)


@pytest.mark.parametrize(
    "stated",
    [
        f"1220{SHA256}",
        f"1220{SHA256.upper()}",
        "1340" + hashlib.sha512(CONTENT).hexdigest(),
        "1114" + hashlib.sha1(CONTENT, usedforsecurity=False).hexdigest(),
        "d50110" + hashlib.md5(CONTENT, usedforsecurity=False).hexdigest(),
    ],
)
def test_a_right_checksum_of_any_known_kind(asset: pystac.Asset, stated: str) -> None:
    asset.extra_fields["file:checksum"] = stated
    assert checked_sha256(asset) == SHA256


def test_a_wrong_checksum(asset: pystac.Asset) -> None:
    asset.extra_fields["file:checksum"] = f"1220{'0' * 64}"
    assert refusal(asset) == (
        f"WRONG_CHECKSUM {asset.href} is not the file that its item describes: sha256 {SHA256}, not {'0' * 64}. "
        f"{REMEDY}"
    )


def test_one_changed_byte_shows_in_md5_too(asset: pystac.Asset) -> None:
    md5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    asset.extra_fields["file:checksum"] = f"d50110{md5}"
    Path(asset.href).write_bytes(CONTENT.upper())
    changed = hashlib.md5(CONTENT.upper(), usedforsecurity=False).hexdigest()
    assert refusal(asset) == (
        f"WRONG_CHECKSUM {asset.href} is not the file that its item describes: md5 {changed}, not {md5}. {REMEDY}"
    )


@pytest.mark.parametrize("stated", ["", SHA256, "1220abcd", "b22040", 7])
def test_an_unknown_kind_of_checksum(asset: pystac.Asset, stated: object) -> None:
    asset.extra_fields["file:checksum"] = stated
    assert refusal(asset) == (
        f"CHECKSUM_KIND The checksum {stated!r} of {asset.href} is of no known kind. State a multihash of SHA-256 "
        "(1220...), SHA-512, SHA-1 or MD5."
    )


def test_what_is_described_holds(asset: pystac.Asset) -> None:
    describe_file(asset, Path(asset.href))
    assert asset.extra_fields == {"file:size": len(CONTENT), "file:checksum": f"1220{SHA256}"}
    require_size(asset)
    assert checked_sha256(asset) == SHA256


def test_a_file_too_long(asset: pystac.Asset) -> None:
    asset.extra_fields["file:size"] = 3
    with pytest.raises(AcrelineError) as caught:
        require_size(asset)
    assert str(caught.value) == f"{asset.href} is too long: {len(CONTENT)} bytes, its item says 3. {REMEDY}"


def test_what_a_cube_rests_on_is_compared_too(asset: pystac.Asset) -> None:
    asset.extra_fields["file:checksum"] = f"1220{SHA256}"
    assert asset_identity(asset) == SHA256
    Path(asset.href).write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(DataError) as caught:
        asset_identity(asset)
    assert caught.value.code == "WRONG_CHECKSUM"
    assert asset.href in str(caught.value)
