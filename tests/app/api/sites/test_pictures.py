"""Pictures of sites: those that a run's list names, for who sees the site, kept for good."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from app.artefacts.sitepictures import album_of, picture_in
from geo.errors import DataError
from geo.manifest import write_manifest
from tests.app.api.sites.conftest import Office

SITE = "/api/v1/sites/s/1"


def pictures(office: Office, login: str = "olga", site: str = SITE) -> dict[str, Any]:
    answer = office.browse(login).get(f"{site}/pictures")
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def test_the_newest_run_is_shown_and_its_pictures_are_those_on_disk(small_office: Office) -> None:
    said, stood = pictures(small_office), small_office.sites["s/1"]
    assert said["run_id"] == stood.run_ids[-1]
    listed = json.loads((stood.folders[-1] / "pictures.json").read_text())["s/1"]
    assert [each["day"] for each in said["pictures"]] == [each["day"] for each in listed["pictures"]]
    assert said["corners"] == listed["corners"]
    assert (said["width"], said["height"], said["bounds"]) == (110, 90, listed["bounds"])
    day = said["pictures"][3]["day"]
    answer = small_office.browse("olga").get(f"{SITE}/pictures/{said['run_id']}/{day}")
    kept = (stood.folders[-1] / "pictures" / listed["folder"] / f"{day}.png").read_bytes()
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", kept)
    assert answer.headers["etag"] == f'"{hashlib.sha256(kept).hexdigest()[:16]}"'
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    again = small_office.browse("olga").get(answer.url.path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_pictures_of_an_earlier_watch_are_there_still(small_office: Office) -> None:
    first = small_office.sites["s/1"].run_ids[0]
    day = pictures(small_office)["pictures"][0]["day"]
    assert small_office.browse("olga").get(f"{SITE}/pictures/{first}/{day}").status_code == 200


@pytest.mark.parametrize(
    ("run", "day", "status"),
    [
        ("own", "2026-01-01", 404),
        ("far", "own", 404),
        ("none", "own", 404),
        ("..", "own", 404),
        ("own", "../../run.json", 404),
        ("own", "pictures.json", 422),
        ("own", "2026-02-30", 422),
    ],
)
def test_no_other_file_is_ever_given(small_office: Office, run: str, day: str, status: int) -> None:
    """A run of another site, a day without a picture, and names of files lead nowhere."""
    said = pictures(small_office)
    runs = {"own": said["run_id"], "far": small_office.sites["s-far"].run_ids[0]}
    days = {"own": said["pictures"][0]["day"]}
    url = f"{SITE}/pictures/{quote(runs.get(run, run), safe='')}/{quote(days.get(day, day), safe='')}"
    answer = small_office.browse("olga").get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    if status == 404:
        assert answer.json()["code"] in {"PICTURE_NONE", "SITE_UNKNOWN"}


def test_another_branch_is_given_no_picture(small_office: Office) -> None:
    said = pictures(small_office)
    url = f"{SITE}/pictures/{said['run_id']}/{said['pictures'][0]['day']}"
    assert small_office.browse("susi").get(url).json()["code"] == "SITE_UNKNOWN"
    assert small_office.browse("rita").get(url).status_code == 200
    assert small_office.browse("ada").get(url).json()["code"] == "ROLE_LACKS"


@pytest.mark.parametrize("site", ["r-1", "s-new"])
def test_a_site_without_pictures_says_so(small_office: Office, site: str) -> None:
    said = pictures(small_office, site=f"/api/v1/sites/{site}")
    assert said == dict.fromkeys(("run_id", "bounds", "corners", "width", "height")) | {"pictures": [], "missing": []}


def test_a_run_whose_files_are_gone_is_named_and_earlier_pictures_stay(office: Office) -> None:
    """Deleted or moved: what is not here is said in one line, and never taken for a site without pictures."""
    stood = office.sites["s/1"]
    day = pictures(office)["pictures"][0]["day"]
    newest = list(reversed(stood.run_ids))
    shutil.rmtree(stood.folders[-1])
    said = pictures(office)
    assert (said["run_id"], said["missing"]) == (newest[1], newest[:1])
    gone = office.browse("olga").get(f"{SITE}/pictures/{newest[0]}/{day}")
    assert (gone.status_code, gone.json()["code"]) == (404, "RUN_FILES_MISSING")
    assert gone.json()["message"] == f"The files of run {newest[0]} are not here."
    assert gone.json()["remedy"].startswith("Put its folder back")
    for folder in stood.folders[:-1]:
        folder.rename(folder.with_name(f"{folder.name}-away"))
        (folder.with_name(f"{folder.name}-away") / "manifest.json").unlink()
    said = pictures(office)
    assert (said["run_id"], said["pictures"], said["missing"]) == (None, [], newest)
    assert office.browse("olga").get(SITE).status_code == 200


@pytest.fixture
def copied(small_office: Office, tmp_path: Path) -> Path:
    """A run folder to damage."""
    return Path(shutil.copytree(small_office.sites["s/1"].folders[-1], tmp_path / "run"))


def _day(folder: Path) -> Any:
    album = album_of(folder, "s/1")
    assert album is not None
    return album.pictures[0].day


def test_a_picture_that_is_not_as_it_was_written_is_no_picture(copied: Path) -> None:
    day = _day(copied)
    found = picture_in(copied, "s/1", day)
    assert found is not None
    found[0].write_bytes(b"cut")
    with pytest.raises(DataError, match="not as it was written"):
        picture_in(copied, "s/1", day)


@pytest.mark.parametrize("file", ["../../../run.json", "run.json", "2026-01-01.png/../x"])
def test_a_list_that_leads_out_of_its_folder_is_damaged(copied: Path, file: str) -> None:
    said = json.loads((copied / "pictures.json").read_text())
    said["s/1"]["pictures"][0]["file"] = file
    (copied / "pictures.json").write_text(json.dumps(said))
    with pytest.raises(DataError, match="damaged"):
        album_of(copied, "s/1")


def test_a_list_that_is_gone_is_missed_and_a_run_that_made_none_has_none(copied: Path) -> None:
    (copied / "pictures.json").unlink()
    with pytest.raises(DataError, match=r"pictures\.json"):
        album_of(copied, "s/1")
    write_manifest(copied, ["run.json"])
    assert album_of(copied, "s/1") is None
