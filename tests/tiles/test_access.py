"""Reading through HTTP: paths, options, what each failure is called, what identifies a file."""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pystac
import pytest
import rasterio
from affine import Affine
from rasterio.errors import RasterioError

from geo.errors import AcrelineError, DataError, InputError, TransientError
from tests.tiles.file_server import Fault, FileServer, serve_folder
from tiles.access import (
    asset_identities,
    asset_identity,
    explain,
    gdal_options,
    is_remote,
    opened,
    unsigned,
    use_planetary_computer_key,
    without_queries,
)
from tiles.access.signing import _library

SIDE = 512
QUICK = {"GDAL_HTTP_MAX_RETRY": 0, "GDAL_HTTP_TIMEOUT": 1}


def _write(path: Path) -> None:
    pixels = np.random.default_rng(7).integers(1, 9000, (SIDE, SIDE), dtype=np.uint16)
    profile = {"driver": "COG", "height": SIDE, "width": SIDE, "count": 1, "dtype": "uint16", "nodata": 0}
    place = {"crs": "EPSG:32631", "transform": Affine(10, 0, 600_000, 0, -10, 5_600_000), "blocksize": 128}
    with rasterio.open(path, "w", **profile, **place, compress="deflate", overviews="none") as file:
        file.write(pixels, 1)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[FileServer]:
    """A server over a folder with one COG, B02.tif."""
    _write(tmp_path / "B02.tif")
    with serve_folder(tmp_path) as server:
        yield server


def _read(href: str, **options: object) -> np.ndarray:
    with rasterio.Env(**(gdal_options(href) | options)), rasterio.open(opened(href)) as file:
        return np.asarray(file.read(1))


def _failure(href: str, **options: object) -> AcrelineError:
    with pytest.raises(RasterioError) as caught:
        _read(href, **(QUICK | options))
    return explain(caught.value, href)


def test_pixels_come_through_byte_ranges(served: FileServer) -> None:
    with rasterio.open(served.root / "B02.tif") as file:
        expected = file.read(1)
    assert np.array_equal(_read(f"{served.url}/B02.tif"), expected)
    assert not [line for line in served.seen if not line.endswith("/B02.tif")]  # no folder, no side files


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("/data/B02.tif", "/data/B02.tif"),
        ("file:///data/B%2002.tif", "/data/B 02.tif"),
        ("https://example.org/a/B02.tif", "/vsicurl/https://example.org/a/B02.tif"),
        ("s3://eodata/a/B02.jp2", "/vsis3/eodata/a/B02.jp2"),
    ],
)
def test_path_of_an_href(href: str, path: str) -> None:
    assert opened(href) == path


def test_other_schemes_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        opened("ftp://user:word@example.org/B02.tif?key=1")
    assert (
        str(caught.value) == "ftp://example.org/B02.tif is neither a file nor at https:// or s3://. Name one that is."
    )


def test_local_and_remote_hrefs_are_told_apart() -> None:
    assert [is_remote(href) for href in ("/a/b.tif", "file:///a/b.tif", "https://a/b.tif", "s3://a/b.tif")] == [
        False,
        False,
        True,
        True,
    ]


REFUSALS = {
    404: (
        DataError,
        "MISSING_ASSET",
        "There is no file {href} (HTTP 404). Search the catalogue again, or leave the scene out.",
    ),
    401: (
        InputError,
        "TOKEN_EXPIRED",
        "{host} asks for a valid token or key for {href} (HTTP 401). Renew the token or key of this source.",
    ),
    403: (
        InputError,
        "ACCESS_DENIED",
        "{host} refuses access to {href} (HTTP 403). Check the token or key of this source.",
    ),
    429: (
        TransientError,
        "RATE_LIMITED",
        "{host} takes no more requests for now (HTTP 429). Try again later, with fewer workers.",
    ),
    500: (TransientError, "SOURCE_DOWN", "{host} does not answer: HTTP 500. Try again later."),
    503: (TransientError, "SOURCE_DOWN", "{host} does not answer: HTTP 503. Try again later."),
}


def _check(error: AcrelineError, status: int, server: FileServer) -> None:
    kind, code, message = REFUSALS[status]
    host, href = server.url.removeprefix("http://"), f"{server.url}/B02.tif"
    assert (type(error), error.code, str(error)) == (kind, code, message.format(host=host, href=href))


@pytest.mark.parametrize("status", REFUSALS)
def test_refusal_while_opening(served: FileServer, status: int) -> None:
    served.faults["/B02.tif"] = Fault(status, (("Retry-After", "1"),))
    _check(_failure(f"{served.url}/B02.tif?sig=hidden"), status, served)


@pytest.mark.parametrize("status", REFUSALS)
def test_refusal_in_the_middle_of_a_read(served: FileServer, status: int) -> None:
    """GDAL only says that bytes lack: the server is asked what the matter is."""
    href = f"{served.url}/B02.tif?sig=hidden-{status}"
    with rasterio.Env(**(gdal_options(href) | QUICK)), rasterio.open(opened(href)) as file:
        served.faults["/B02.tif"] = Fault(status)
        with pytest.raises(RasterioError) as caught:
            file.read(1)
    _check(explain(caught.value, href), status, served)


def test_bytes_that_did_not_come_are_asked_for_again(served: FileServer) -> None:
    href = f"{served.url}/B02.tif"
    with rasterio.Env(**(gdal_options(href) | QUICK)), rasterio.open(opened(href)) as file:
        served.faults["/B02.tif"] = Fault(503)
        with pytest.raises(RasterioError) as caught:
            file.read(1)
    served.faults.clear()
    error = explain(caught.value, href)
    host = served.url.removeprefix("http://")
    assert (error.code, error.retryable) == ("SOURCE_DOWN", True)
    assert str(error) == f"{host} does not answer: not all bytes came. Try again later."
    assert _read(href).shape == (SIDE, SIDE)


def test_later_try_reaches_the_server_again(served: FileServer) -> None:
    """GDAL itself would remember the failure as long as the process lives."""
    href = f"{served.url}/B02.tif"
    served.faults["/B02.tif"] = Fault(503, times=1)
    assert _failure(href).retryable
    assert _read(href).shape == (SIDE, SIDE)


def test_gdal_waits_out_a_short_failure(served: FileServer) -> None:
    served.faults["/B02.tif"] = Fault(429, times=1)
    assert _read(f"{served.url}/B02.tif", GDAL_HTTP_RETRY_DELAY=0.01).shape == (SIDE, SIDE)


def test_truncated_file(served: FileServer) -> None:
    size = (served.root / "B02.tif").stat().st_size
    served.faults["/B02.tif"] = Fault(cut_at=size // 2)
    error = _failure(f"{served.url}/B02.tif?sig=hidden")
    assert (type(error), error.code) == (DataError, "UNREADABLE_RASTER")
    assert str(error) == (
        f"{served.url}/B02.tif cannot be read: the file breaks off: "
        f"it has {size // 2} bytes of at least {_end(served)}. "
        "Fetch the file again, or take its scene out of the catalogue."
    )


def _end(served: FileServer) -> int:
    """Last byte of the last block, from the local file."""
    with rasterio.open(served.root / "B02.tif") as file:
        return max(
            int(file.get_tag_item(f"BLOCK_OFFSET_{x}_{y}", "TIFF", bidx=1))
            + int(file.get_tag_item(f"BLOCK_SIZE_{x}_{y}", "TIFF", bidx=1))
            for x in range(4)
            for y in range(4)
        )


def test_file_cut_within_its_header(served: FileServer) -> None:
    served.faults["/B02.tif"] = Fault(cut_at=300)
    error = _failure(f"{served.url}/B02.tif?sig=hidden")
    assert error.code == "UNREADABLE_RASTER"
    assert "hidden" not in str(error)
    assert str(error).startswith(f"{served.url}/B02.tif cannot be read: B02.tif: TIFFReadDirectory:")


def test_page_in_place_of_a_raster(served: FileServer) -> None:
    served.faults["/B02.tif"] = Fault(200, (("Content-Type", "text/html"),), b"<html>sign in</html>")
    error = _failure(f"{served.url}/B02.tif")
    assert error.code == "UNREADABLE_RASTER"
    assert "not recognized as being in a supported file format" in str(error)


def test_slow_server(served: FileServer) -> None:
    served.faults["/B02.tif"] = Fault(delay_s=2)
    error = _failure(f"{served.url}/B02.tif")
    host = served.url.removeprefix("http://")
    assert (error.code, str(error)) == ("SOURCE_DOWN", f"{host} does not answer: no answer in time. Try again later.")


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
    error = _failure(f"http://{host}/B02.tif")
    assert error.code == "SOURCE_DOWN"
    assert str(error).startswith(f"{host} does not answer: Failed to connect to 127.0.0.1 port")


def test_local_failures(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent.tif")
    error = _failure(absent)
    assert (error.code, str(error)) == (
        "MISSING_ASSET",
        f"There is no file {absent}. Fetch it again, or take its scene out of the catalogue.",
    )
    broken = tmp_path / "broken.tif"
    broken.write_bytes(b"II*\0")
    assert _failure(str(broken)).code == "UNREADABLE_RASTER"


def test_errors_of_this_house_pass_through() -> None:
    error = DataError("X", "y")
    assert explain(error, "https://example.org") is error


def test_error_survives_a_worker(served: FileServer) -> None:
    served.faults["/B02.tif"] = Fault(404)
    error = _failure(f"{served.url}/B02.tif")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - what was pickled just now


def test_shown_hrefs_hold_no_secret() -> None:
    assert unsigned("https://me:word@example.org/a.tif?sig=1#2") == "https://example.org/a.tif"
    assert without_queries("CPL: https://a/b.tif?sig=1, band 1: c.tif?sig=2 failed") == (
        "CPL: https://a/b.tif, band 1: c.tif failed"
    )


def _sas(folder: Path, minutes: float, token: str) -> None:
    expiry = datetime.now(UTC) + timedelta(minutes=minutes)
    (folder / "sas" / "account").mkdir(parents=True, exist_ok=True)
    (folder / "sas" / "account" / "scenes").write_text(f'{{"msft:expiry": "{expiry.isoformat()}", "token": "{token}"}}')


BLOB = "https://account.blob.core.windows.net/scenes/a/B02.tif"


@pytest.fixture
def signing(served: FileServer, monkeypatch: pytest.MonkeyPatch) -> FileServer:
    """The same server, giving tokens for the container of `BLOB`."""
    library = _library()
    chosen = library.settings.Settings.get()
    monkeypatch.setattr(chosen, "sas_url", f"{served.url}/sas")
    monkeypatch.setattr(chosen, "subscription_key", None)
    monkeypatch.setattr(library.sas, "TOKEN_CACHE", {})
    monkeypatch.setenv("PC_SDK_SUBSCRIPTION_KEY", "")
    use_planetary_computer_key("my-key")
    _sas(served.root, 45, "sig=first")
    return served


def test_token_is_asked_for_once_and_kept(signing: FileServer) -> None:
    assert [opened(BLOB) for _ in range(3)] == [f"/vsicurl/{BLOB}?sig=first"] * 3
    assert signing.seen == ["GET /sas/account/scenes"]
    assert signing.headers[0]["Ocp-Apim-Subscription-Key"] == "my-key"


@pytest.mark.usefixtures("signing")
def test_key_reaches_processes_started_later_and_can_be_taken_back() -> None:
    assert os.environ["PC_SDK_SUBSCRIPTION_KEY"] == "my-key"
    use_planetary_computer_key(None)
    assert "PC_SDK_SUBSCRIPTION_KEY" not in os.environ


def test_token_near_its_end_is_renewed(signing: FileServer) -> None:
    _sas(signing.root, 1, "sig=old")
    opened(BLOB)
    _sas(signing.root, 45, "sig=new")
    assert opened(BLOB).endswith("?sig=new")


def test_refused_token_is_renewed_at_the_next_try(signing: FileServer) -> None:
    opened(BLOB)
    error = explain(RasterioError("HTTP response code: 403"), BLOB)
    assert (type(error), error.code) == (TransientError, "TOKEN_EXPIRED")
    assert str(error) == f"The signature for {BLOB} is not valid any more (HTTP 403). Try again."
    _sas(signing.root, 45, "sig=second")
    assert "?sig=second" in opened(BLOB)


def test_token_service_fails(signing: FileServer) -> None:
    host = signing.url.removeprefix("http://")
    signing.faults["/sas/account/scenes"] = Fault(429)
    with pytest.raises(TransientError) as caught:
        opened(BLOB)
    assert str(caught.value) == (
        f"{host} takes no more requests for now (HTTP 429). Try again later, with fewer workers."
    )
    signing.faults["/sas/account/scenes"] = Fault(200, body=b"<html>")
    with pytest.raises(TransientError) as caught:
        opened(BLOB)
    assert str(caught.value) == f"{host} does not answer: no token in its answer. Try again later."


def test_log_lines_hold_no_signature(signing: FileServer, caplog: pytest.LogCaptureFixture) -> None:
    opened(BLOB)
    caplog.set_level(logging.DEBUG)
    signing.faults["/B02.tif"] = Fault(503)
    _failure(f"{signing.url}/B02.tif?sig=hidden", GDAL_HTTP_MAX_RETRY=1, GDAL_HTTP_RETRY_DELAY=0.01)
    assert "Retrying" in caplog.text
    assert not [line for line in caplog.messages if "hidden" in line and "_env" in line]


def _asset(href: str, **fields: object) -> pystac.Asset:
    return pystac.Asset(href, extra_fields=fields)


def test_identity_of_a_local_file_is_its_hash(served: FileServer) -> None:
    path = served.root / "B02.tif"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert asset_identity(_asset(str(path))) == digest
    assert asset_identity(_asset(path.as_uri())) == digest


def test_identity_of_a_remote_file_is_what_its_item_or_server_says(served: FileServer) -> None:
    href, content = f"{served.url}/B02.tif?sig=hidden", (served.root / "B02.tif").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assets = [
        _asset(href, **{"file:checksum": f"1220{digest}"}),
        _asset(href, **{"file:checksum": "d50110" + "ab" * 16}),
        _asset(href),
    ]
    assert asset_identities(assets) == [digest, "multihash:d50110" + "ab" * 16, f"etag:{digest[:32]}:{len(content)}"]
    assert len(served.seen) == 1


def test_identity_that_cannot_be_had(served: FileServer) -> None:
    with pytest.raises(DataError) as caught:
        asset_identity(_asset(f"{served.url}/absent.tif"))
    assert caught.value.code == "MISSING_ASSET"
    served.faults["/B02.tif"] = Fault(200, body=b"x")
    with pytest.raises(DataError) as caught:
        asset_identity(_asset(f"{served.url}/B02.tif"))
    assert str(caught.value) == (
        f"The server of {served.url}/B02.tif gives neither an ETag nor a date for it. "
        "Copy the file to disk, or state `file:checksum` in its item."
    )
    with pytest.raises(DataError) as caught:
        asset_identity(_asset("/no/such.tif"))
    assert caught.value.code == "MISSING_ASSET"
