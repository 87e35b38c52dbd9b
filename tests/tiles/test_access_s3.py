"""Reading COGs out of an object store through GDAL, against a server that speaks S3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import numpy as np
import pystac
import pytest
import rasterio
from affine import Affine
from rasterio.errors import RasterioError

from geo.errors import AcrelineError
from tests.tiles.file_server import Fault, serve_folder
from tiles.access import asset_identity, explain, gdal_options, opened

HREF = "s3://scenes/2020/B02.tif"
PIXELS = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
QUICK = {"GDAL_HTTP_MAX_RETRY": 0}


@pytest.fixture
def store(s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Endpoint of a store that holds `HREF`; the environment says how to reach it, as an installation's would."""
    for name in ("AWS_S3_ENDPOINT", "AWS_HTTPS", "AWS_VIRTUAL_HOSTING", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "word", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in {**keys, "AWS_ENDPOINT_URL": s3_server}.items():
        monkeypatch.setenv(name, value)
    place = {"crs": "EPSG:32631", "transform": Affine(10, 0, 600_000, 0, -10, 5_600_000)}
    with rasterio.open(
        tmp_path / "B02.tif", "w", driver="COG", height=64, width=64, count=1, dtype="uint16", **place
    ) as file:
        file.write(PIXELS, 1)
    client = boto3.client("s3", endpoint_url=s3_server)
    client.create_bucket(Bucket="scenes")
    client.upload_file(str(tmp_path / "B02.tif"), "scenes", "2020/B02.tif")
    yield s3_server
    for kept in client.list_objects_v2(Bucket="scenes").get("Contents", []):
        client.delete_object(Bucket="scenes", Key=kept["Key"])
    client.delete_bucket(Bucket="scenes")
    client.close()


def _read(href: str) -> np.ndarray:
    with rasterio.Env(**(gdal_options(href) | QUICK)), rasterio.open(opened(href)) as file:
        return np.asarray(file.read(1))


def _failure(href: str) -> AcrelineError:
    with pytest.raises(RasterioError) as caught:
        _read(href)
    return explain(caught.value, href)


def test_pixels_come_out_of_the_store(store: str) -> None:
    assert np.array_equal(_read(HREF), PIXELS)
    assert gdal_options(HREF)["AWS_S3_ENDPOINT"] == store.removeprefix("http://")


def test_gdals_own_variable_wins(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_S3_ENDPOINT", store.removeprefix("http://"))
    monkeypatch.setenv("AWS_HTTPS", "NO")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://elsewhere.example.org")
    assert np.array_equal(_read(HREF), PIXELS)


@pytest.mark.usefixtures("store")
def test_missing_key_and_bucket() -> None:
    for href in ("s3://scenes/2020/absent.tif", "s3://no-such-bucket/2020/B02.tif"):
        error = _failure(href)
        assert (error.code, str(error)) == (
            "MISSING_ASSET",
            f"There is no file {href} (HTTP 404). Search the catalogue again, or leave the scene out.",
        )


@pytest.mark.usefixtures("store")
def test_missing_keys_of_the_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    error = _failure("s3://scenes/2020/unsigned.tif")
    assert error.code == "TOKEN_EXPIRED"
    assert str(error) == (
        "scenes asks for a valid token or key for s3://scenes/2020/unsigned.tif (HTTP 401). "
        "Renew the token or key of this source."
    )


def test_truncated_object(store: str, tmp_path: Path) -> None:
    content = (tmp_path / "B02.tif").read_bytes()
    client = boto3.client("s3", endpoint_url=store)
    client.put_object(Bucket="scenes", Key="2020/cut.tif", Body=content[: len(content) // 2])
    client.close()
    error = _failure("s3://scenes/2020/cut.tif")
    assert error.code == "UNREADABLE_RASTER"
    assert str(error).startswith("s3://scenes/2020/cut.tif cannot be read: the file breaks off: it has ")


@pytest.mark.parametrize(("status", "code"), [(404, "MISSING_ASSET"), (429, "RATE_LIMITED"), (503, "SOURCE_DOWN")])
@pytest.mark.usefixtures("store")
def test_later_try_reaches_the_store_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, code: str
) -> None:
    """The second one does: GDAL reports the old failure once more, although the store answers again."""
    (tmp_path / "scenes" / "2020").mkdir(parents=True)
    (tmp_path / "B02.tif").rename(tmp_path / "scenes" / "2020" / "B02.tif")
    with serve_folder(tmp_path) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        server.faults[""] = Fault(status)
        assert _failure(HREF).code == code
        server.faults.clear()
        assert _failure(HREF).code == code
        assert np.array_equal(_read(HREF), PIXELS)


def test_identity_is_what_the_store_says(store: str, tmp_path: Path) -> None:
    client = boto3.client("s3", endpoint_url=store)
    mark = client.head_object(Bucket="scenes", Key="2020/B02.tif")["ETag"].strip('"')
    client.close()
    assert asset_identity(pystac.Asset(HREF)) == f"etag:{mark}:{(tmp_path / 'B02.tif').stat().st_size}"
    with pytest.raises(AcrelineError) as caught:
        asset_identity(pystac.Asset("s3://scenes/2020/absent.tif"))
    assert caught.value.code == "MISSING_ASSET"


def test_known_buckets_need_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_S3_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_HTTPS"):
        monkeypatch.delenv(name, raising=False)
    copernicus = gdal_options("s3://eodata/Sentinel-2/B02.jp2")
    assert copernicus["AWS_S3_ENDPOINT"] == "eodata.dataspace.copernicus.eu"
    assert (copernicus["AWS_HTTPS"], copernicus["AWS_VIRTUAL_HOSTING"]) == ("YES", "FALSE")
    assert gdal_options("s3://sentinel-cogs/a/B02.tif")["AWS_NO_SIGN_REQUEST"] == "YES"
    assert not [key for key in gdal_options("s3://mine/B02.tif") if key.startswith("AWS")]
