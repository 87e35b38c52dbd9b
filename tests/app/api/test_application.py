"""What the application refuses, sends along, and never loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.api.application import create_app
from app.api.errors import STATUS_BY_KIND, status_of
from app.api.openapi import documents
from app.db.engine import open_engine, sqlite_url
from geo.errors import AcrelineError, DataError, InputError, TransientError
from tests.app.api.run_folder import build_run_folder

ROOT = Path(__file__).resolve().parents[3]
BUILT = "<!doctype html><script type=module src=/assets/page-abc.js></script>"


def test_the_web_process_loads_no_imagery_stack(run_dir: Path) -> None:
    """Also not on the way: every address is asked for once before looking."""
    script = f"""
import sys
from pathlib import Path
from fastapi.testclient import TestClient
from app.api.application import create_app
with TestClient(create_app(Path({str(run_dir)!r})), base_url="http://localhost") as client:
    for url in ("/api/run", "/api/parcels/states", "/api/parcels/P-001", "/api/parcels/P-001/series",
                "/api/parcels.geojson", "/api/search?q=p", "/map-layers/mosaic/0/0/0.png"):
        assert client.get(url).status_code == 200, url
heavy = {{"torch", "dask", "distributed", "models", "tiles", "odc.stac", "segmentation_models_pytorch"}}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "192.168.0.7", "127.0.0.1.nip.io"])
def test_other_host_names_are_turned_away(client: TestClient, host: str) -> None:
    assert client.get("/api/health", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "127.0.0.1:53412"])
def test_this_machine_is_let_in(client: TestClient, host: str) -> None:
    assert client.get("/api/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/run", "/api/parcels/nope", "/map-layers/x/1/1/1.png", "/map-layers/crop/9/0/0.png"]
)
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_large_answers_are_compressed(client: TestClient) -> None:
    assert client.get("/api/parcels.geojson").headers["content-encoding"] == "gzip"


def test_no_page_of_the_framework_loads_scripts_from_elsewhere(client: TestClient) -> None:
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404


def test_the_page_is_served_and_its_hashed_files_are_kept(run_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(BUILT, encoding="utf-8")
    (tmp_path / "assets" / "page-abc.js").write_text("export {};", encoding="utf-8")
    with TestClient(create_app(run_dir, static_dir=tmp_path), base_url="http://localhost") as client:
        assert client.get("/").text == BUILT
        assert client.get("/").headers["cache-control"] == "no-cache"
        assert "immutable" in client.get("/assets/page-abc.js").headers["cache-control"]
        assert client.get("/assets/page-abc.js").headers["content-type"].startswith("text/javascript")
        assert client.get("/..%2f..%2frun.json").status_code == 404
        assert client.get("/api/nothing").json()["code"] == "NOT_FOUND"


def test_a_page_that_was_not_built_says_what_to_do(run_dir: Path, tmp_path: Path) -> None:
    with TestClient(create_app(run_dir, static_dir=tmp_path), base_url="http://localhost") as client:
        answer = client.get("/")
        assert answer.status_code == 503
        assert "npm" in answer.json()["remedy"]
        assert client.get("/api/health").status_code == 200


def test_a_folder_without_a_manifest_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no complete run"):
        create_app(tmp_path)


@pytest.mark.parametrize("name", ["crop.tif", "series.parquet", "parcels.geojson"])
def test_a_missing_or_changed_file_is_named_before_serving(tmp_path: Path, name: str) -> None:
    folder = build_run_folder(tmp_path / "run")
    with (folder / name).open("ab") as file:
        file.write(b"x")
    with pytest.raises(DataError, match=f"{name} is damaged"):
        create_app(folder)
    (folder / name).unlink()
    with pytest.raises(DataError, match=f"{name} is missing"):
        create_app(folder)


def test_a_missing_database_is_named(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path / "run")
    (folder / "acreline.db").rename(folder / "elsewhere.db")
    with pytest.raises(DataError, match=r"acreline\.db is missing"):
        create_app(folder)
    engine = open_engine(sqlite_url(folder / "elsewhere.db"))
    with TestClient(create_app(folder, engine), base_url="http://localhost") as client:
        assert client.get("/api/run").json()["totals"]["parcels"] == 20
    engine.dispose()


def test_a_run_that_was_never_loaded_is_named(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path / "run")
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps(record).replace("test-run", "not-here"), encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["run.json"]["size"] = (folder / "run.json").stat().st_size
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(InputError, match="does not hold run not-here"):
        create_app(folder)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("PARCEL_UNKNOWN", "."), 404),
        (InputError("ANY", "."), 400),
        (DataError("ANY", "."), 500),
        (TransientError("ANY", "."), 503),
        (AcrelineError("ANY", "."), 500),
    ],
)
def test_errors_map_to_statuses_in_one_table(error: AcrelineError, status: int) -> None:
    assert status_of(error) == status


def test_every_kind_of_error_has_a_status() -> None:
    kinds = {AcrelineError, *AcrelineError.__subclasses__()}
    assert all(any(parent in STATUS_BY_KIND for parent in kind.__mro__) for kind in kinds)


def test_the_openapi_documents_of_the_pages_are_up_to_date() -> None:
    """Made anew by `python -m app.api.openapi`, then `npm run types`."""
    for file, text in documents().items():
        assert file.read_text(encoding="utf-8") == text, file.name
