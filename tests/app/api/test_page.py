"""The built pages: which one the folder answers with, and how long each file is kept."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.page import MAP_PAGE, OFFICE_PAGE, mount_page
from geo.errors import DataError


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    for name in (MAP_PAGE, OFFICE_PAGE, "assets/office-1a2b.js"):
        (tmp_path / name).write_text(name)
    return tmp_path


def client_of(folder: Path, entry: str) -> TestClient:
    app = FastAPI()
    mount_page(app, folder, entry)
    return TestClient(app)


@pytest.mark.parametrize("entry", [MAP_PAGE, OFFICE_PAGE])
def test_the_folder_answers_with_its_entry(built: Path, entry: str) -> None:
    answer = client_of(built, entry).get("/")
    assert answer.text == entry
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"


def test_files_named_by_their_content_are_kept_for_good(built: Path) -> None:
    answer = client_of(built, OFFICE_PAGE).get("/assets/office-1a2b.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("taken", "encoding"),
    [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=0.5", "br"), ("identity", None), ("", None)],
)
def test_who_takes_a_packed_twin_gets_the_smallest(built: Path, taken: str, encoding: str | None) -> None:
    plain, packed = built / "assets" / "office-1a2b.js", {"gzip": gzip.compress(b"twin"), "br": b"\x0b\x01\x80twin\x03"}
    for ending, content in ((".gz", packed["gzip"]), (".br", packed["br"])):
        plain.with_name(plain.name + ending).write_bytes(content)
    with client_of(built, OFFICE_PAGE).stream(
        "GET", "/assets/office-1a2b.js", headers={"Accept-Encoding": taken}
    ) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "javascript" in answer.headers["content-type"]
    assert sent == (packed[encoding] if encoding else plain.read_bytes())
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/assets", "/assets/", "/none", "/../page.html", "/%2e%2e/page.html"])
def test_nothing_else_is_there(built: Path, path: str) -> None:
    (built.parent / "page.html").write_text("outside")
    assert client_of(built, OFFICE_PAGE).get(path).status_code == 404


def test_a_page_that_was_not_built_says_so(tmp_path: Path) -> None:
    (tmp_path / MAP_PAGE).write_text("only the map")
    with pytest.raises(DataError, match="not built"):
        client_of(tmp_path, OFFICE_PAGE).get("/")
