from __future__ import annotations

import json
from pathlib import Path

import pytest

from geo.errors import DataError
from geo.manifest import MANIFEST_NAME, read_manifest, verify_manifest, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.tif").write_bytes(b"aaaa")
    (tmp_path / "sub" / "b.parquet").write_bytes(b"bb")
    write_manifest(tmp_path, [tmp_path / "sub" / "b.parquet", "a.tif"])
    return tmp_path


def test_lists_size_and_hash_in_a_fixed_order(folder: Path) -> None:
    manifest = read_manifest(folder)
    assert [(name, entry.size) for name, entry in manifest.items()] == [("a.tif", 4), ("sub/b.parquet", 2)]
    assert verify_manifest(folder) == manifest
    before = (folder / MANIFEST_NAME).read_bytes()
    write_manifest(folder, ["a.tif", "sub/b.parquet"])
    assert (folder / MANIFEST_NAME).read_bytes() == before


def test_a_changed_byte_is_found_and_named(folder: Path) -> None:
    (folder / "a.tif").write_bytes(b"aaab")
    verify_manifest(folder, content=False)
    with pytest.raises(DataError, match=r"a\.tif is damaged") as caught:
        verify_manifest(folder)
    assert caught.value.context == {"file": "a.tif"}


def test_a_cut_file_is_found_by_its_size(folder: Path) -> None:
    (folder / "a.tif").write_bytes(b"aaa")
    with pytest.raises(DataError, match=r"a\.tif is damaged"):
        verify_manifest(folder, content=False)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "sub" / "b.parquet").unlink()
    with pytest.raises(DataError, match=r"b\.parquet is missing"):
        verify_manifest(folder)


def test_a_folder_without_manifest_was_never_finished(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="never finished") as caught:
        read_manifest(tmp_path)
    assert caught.value.code == "MANIFEST_MISSING"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": {"a": {"sha256": "x"}}}', '{"other": {}}'])
def test_damaged_manifests_are_refused(folder: Path, text: str) -> None:
    (folder / MANIFEST_NAME).write_text(text)
    with pytest.raises(DataError, match="damaged"):
        read_manifest(folder)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd"])
def test_paths_out_of_the_folder_are_refused(folder: Path, name: str) -> None:
    (folder / MANIFEST_NAME).write_text(json.dumps({"files": {name: {"sha256": "0", "size": 1}}}))
    with pytest.raises(DataError, match="outside"):
        read_manifest(folder)


def test_nothing_is_committed_when_a_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"c\.tif"):
        write_manifest(tmp_path, ["c.tif"])
    with pytest.raises(ValueError, match="subpath"):
        write_manifest(tmp_path, [tmp_path.parent / "c.tif"])
    assert not (tmp_path / MANIFEST_NAME).exists()
