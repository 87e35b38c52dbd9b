"""Outlines on the page: clicked and moved on the map, walked with a telephone, read from files by a worker."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from playwright.sync_api import Page, expect
from shapely.geometry import Polygon, box

from app.db.tables.office_kinds import JobKind
from tests.app.browser.office.banks import Bank
from tests.app.browser.office.desk import Desk

pytestmark = pytest.mark.browser
Sit = Callable[..., Desk]
Office = tuple[str, Bank]
Position = tuple[float, float]
#: Within the county, where no parcel lies; degrees.
FREE = (115.6125, 33.3825)
#: A phone states so many metres; two fixes nearer than the sum of theirs are no jump, however fast they come.
ACCURACY_M = 11.0
STEPS_A_SIDE = 3
#: Some 20 m each way.
STEP = 0.00018
WORKED_WITHIN_MS = 60_000


def within_a_parcel(desk: Desk) -> Position:
    """A position on a parcel that is known."""
    tasks = desk.ask("/visits/week")["tasks"]
    ring = next(task["outline"][0][0] for task in tasks if task["outline"])
    inside = Polygon(ring).representative_point()
    return inside.x, inside.y


def border(at: Position) -> list[Position]:
    """Fixes along a square that begins at a corner."""
    lon, lat = at
    side = [STEP * step for step in range(STEPS_A_SIDE)]
    far = STEP * STEPS_A_SIDE
    east = [(lon + by, lat) for by in side]
    north = [(lon + far, lat + by) for by in side]
    west = [(lon + far - by, lat + far) for by in side]
    south = [(lon, lat + far - by) for by in side]
    return [*east, *north, *west, *south]


def walk(page: Page, fixes: Sequence[Position], kept: int) -> None:
    """Go from fix to fix; each is kept before the next one comes."""
    for number, (longitude, latitude) in enumerate(fixes, start=kept + 1):
        page.context.set_geolocation({"longitude": longitude, "latitude": latitude, "accuracy": ACCURACY_M})
        expect(page.locator(f'.drawing-panel[data-kept="{number}"]')).to_be_visible()


def no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_border_is_walked_and_what_it_overlaps_is_shown(county_office: Office, sit: Sit) -> None:
    desk = sit(county_office, 390, 844, login="olga")
    page = desk.open("#/drawing/walk")
    fixes = border(within_a_parcel(desk))
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": fixes[0][0], "latitude": fixes[0][1], "accuracy": ACCURACY_M})
    page.locator("#walk-start").click()
    walk(page, fixes[:5], 0)
    page.reload()  # whatever becomes of the page, the walk stays
    expect(page.locator(".drawing-panel")).to_contain_text("5 positions")
    page.locator("#walk-start").click()
    walk(page, fixes[5:], 5)
    expect(page.locator("#walk-error")).to_contain_text("19 times of 20")
    figures = page.locator(".drawing-figures").first.inner_text()
    assert all(unit in figures for unit in ("mu", "ha", "acre")), figures
    assert no_sideways_scroll(page)
    page.wait_for_load_state("networkidle")
    desk.keep("walk-en-390")
    assert desk.faults() == []
    page.locator("#walk-finish").click()
    expect(page.locator("#drawing-seen")).to_be_visible()
    expect(page.locator(".drawing-overlaps")).to_contain_text("SIM-")
    expect(page.locator("#drawing-register")).to_be_disabled()
    desk.keep("walked-overlaps-en-390")
    assert desk.faults() == []
    page.locator("#drawing-seen").check()
    page.locator("#drawing-register").click()
    expect(page.locator("#drawing-done")).to_contain_text("is registered")
    assert desk.complaints == []


def test_an_outline_is_clicked_and_moved_on_the_map(county_office: Office, sit: Sit) -> None:
    desk = sit(county_office, login="olga")
    page = desk.open("#/drawing")
    expect(page.locator(".drawing-room[data-ready]")).to_be_visible()
    canvas = page.locator("canvas.maplibregl-canvas")
    for x, y in ((100, 100), (220, 100), (220, 220)):
        canvas.click(position={"x": x, "y": y})
    expect(page.locator(".drawing-corners li")).to_have_count(3)
    canvas.press("Enter")
    expect(page.locator(".drawing-corners li")).to_have_count(4)
    before = page.locator(".drawing-corners li.chosen input").input_value()
    canvas.press("ArrowDown")
    expect(page.locator(".drawing-corners li.chosen input")).not_to_have_value(before)
    canvas.press("Delete")
    expect(page.locator(".drawing-corners li")).to_have_count(3)
    canvas.press("Control+z")
    expect(page.locator(".drawing-corners li")).to_have_count(4)
    canvas.press("Control+Shift+z")
    expect(page.locator(".drawing-corners li")).to_have_count(3)
    expect(page.locator(".drawing-figures")).to_contain_text("mu")
    desk.keep("drawing-on-the-map-en-1024")
    assert desk.faults() == []
    assert desk.complaints == []


def shapes(at: Position) -> list[Any]:
    """Two fields side by side, one whose border crosses itself, the first one again, and one without corners."""
    lon, lat = at
    crossing = [[0, 0], [2, 2], [2, 0], [0, 2.2], [0, 0]]
    ring = [[lon + STEP * x, lat + STEP * (6 + y)] for x, y in crossing]
    one = box(lon, lat, lon + 3 * STEP, lat + 3 * STEP).__geo_interface__
    other = box(lon + 4 * STEP, lat, lon + 7 * STEP, lat + 3 * STEP).__geo_interface__
    return [one, other, {"type": "Polygon", "coordinates": [ring]}, one, None]


def geojson(geometries: Sequence[Any]) -> bytes:
    features = [{"type": "Feature", "properties": {"nr": f"n-{n}"}, "geometry": g} for n, g in enumerate(geometries)]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def zipped_shapefile(at: Position, folder: Path) -> Path:
    lon, lat = at
    field = box(lon, lat + 20 * STEP, lon + 3 * STEP, lat + 23 * STEP)
    gpd.GeoDataFrame({"nr": ["Z-1"]}, geometry=[field], crs=4326).to_file(folder / "fields.shp")
    with zipfile.ZipFile(folder / "fields.zip", "w") as archive:
        for part in folder.glob("fields.*"):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    return folder / "fields.zip"


def send(page: Page, file: Any, column: str = "") -> None:
    page.locator("#import-file").set_input_files(file)
    page.locator("#import-datum").select_option("as_stated")
    page.locator("#import-column").fill(column)
    page.locator("#import-send").click()


def named(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_a_file_is_looked_at_and_registered(county_office: Office, sit: Sit) -> None:
    bank = county_office[1]
    desk = sit(county_office, lang="zh", login="wei")
    page = desk.open("#/drawing/import")
    send(page, named("fields.geojson", geojson(shapes(FREE))))
    expect(page.locator(".job-line")).to_be_visible()
    assert bank.work(JobKind.PARCELS_CHECK) == 1
    preview = page.locator("#import-preview")
    expect(preview).to_be_visible(timeout=WORKED_WITHIN_MS)
    page.wait_for_load_state("networkidle")
    desk.keep("import-preview-zh-1024")
    assert desk.faults() == []
    expect(preview.locator(".import-mended")).to_have_count(1)
    preview.locator("li").filter(has=page.locator(".import-mended")).get_by_role("button").click()
    if page.locator("#import-seen").count():
        page.locator("#import-seen").check()
    page.locator("#import-confirm").click()
    expect(page.locator("#import-done")).to_be_visible()
    assert bank.work(JobKind.PARCELS_IMPORT) == 1
    expect(page.locator("#import-done")).to_contain_text("3", timeout=WORKED_WITHIN_MS)
    desk.keep("import-done-zh-1024")
    assert desk.faults() == []
    assert desk.complaints == []


def test_files_that_cannot_be_read_say_why(county_office: Office, sit: Sit, tmp_path: Path) -> None:
    bank = county_office[1]
    desk = sit(county_office, 390, 844, login="olga")
    page = desk.open("#/drawing/import")
    send(page, named("fields.geojson", b"no map at all"))
    expect(page.locator(".drawing-panel > .problem")).to_contain_text("The file is no geojson")
    send(page, named("fields.geojson", geojson(shapes(FREE))[:-40]))
    expect(page.locator(".job-line")).to_be_visible()
    assert bank.work(JobKind.PARCELS_CHECK) == 1
    expect(page.locator(".job-line .problem")).to_contain_text("line 1, column", timeout=WORKED_WITHIN_MS)
    desk.keep("import-refused-en-390")
    assert desk.faults() == []
    send(page, zipped_shapefile(FREE, tmp_path), "nr")
    expect(page.locator(".job-line .problem")).to_have_count(0)
    assert bank.work(JobKind.PARCELS_CHECK) == 1
    preview = page.locator("#import-preview")
    expect(preview).to_contain_text("Z-1", timeout=WORKED_WITHIN_MS)
    assert no_sideways_scroll(page)
    desk.keep("import-shapefile-en-390")
    assert desk.faults() == []
