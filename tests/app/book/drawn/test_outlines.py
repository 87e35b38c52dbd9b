"""Outlines that people draw or walk: mended a little, or refused."""

from __future__ import annotations

import pytest

from app.book.drawn.outlines import outline_of
from geo.errors import InputError

WEST, SOUTH, STEP = 115.60, 33.40, 0.001
SQUARE = [(WEST, SOUTH), (WEST + STEP, SOUTH), (WEST + STEP, SOUTH + STEP), (WEST, SOUTH + STEP)]


def test_a_square_is_itself_whatever_its_start_direction_or_last_corner() -> None:
    one = outline_of([SQUARE])
    assert one.area_ha == pytest.approx(1.03, abs=0.01)
    assert one.repairs == ()
    assert {
        outline_of([ring]).version for ring in (SQUARE[::-1], [*SQUARE[2:], *SQUARE[:2]], [*SQUARE, SQUARE[0]])
    } == {one.version}


def test_a_hole_is_no_ground() -> None:
    part = STEP / 4
    hole = [(x + part if x == WEST else x - part, y + part if y == SOUTH else y - part) for x, y in SQUARE]
    assert outline_of([SQUARE, hole]).area_ha == pytest.approx(0.75 * outline_of([SQUARE]).area_ha, rel=0.01)


def test_a_small_loop_of_a_walk_is_left_out_and_told() -> None:
    walk = [
        *SQUARE[:3],
        (WEST, SOUTH + STEP),
        (WEST, SOUTH - 0.00002),
        (WEST + 0.00003, SOUTH - 0.00002),
        (WEST, SOUTH),
    ]
    walk = [(WEST + 0.00003, SOUTH - 0.00004), (WEST, SOUTH - 0.00004), (WEST + 0.00001, SOUTH + 0.00002), *SQUARE[1:]]
    mended = outline_of([[*walk, (WEST, SOUTH)]])
    assert mended.shape.geom_type == "Polygon"
    assert mended.area_ha == pytest.approx(outline_of([SQUARE]).area_ha, rel=0.05)


@pytest.mark.parametrize(
    ("ring", "code"),
    [
        ([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]], "DRAWN_CROSSES"),
        ([SQUARE[0]] * 4, "DRAWN_OUTLINE"),
        ([SQUARE[0], SQUARE[2], SQUARE[0]], "DRAWN_OUTLINE"),
        ([(x - WEST, y - SOUTH) for x, y in SQUARE], "DRAWN_PLACE"),
        ([(WEST + (x - WEST) / 50, SOUTH + (y - SOUTH) / 50) for x, y in SQUARE], "DRAWN_SIZE"),
        ([(WEST + (x - WEST) * 500, SOUTH + (y - SOUTH) * 500) for x, y in SQUARE], "DRAWN_SIZE"),
        ([*SQUARE[:3], (WEST + 2, SOUTH)], "DRAWN_SIZE"),
        ([(x, y + 55) for x, y in SQUARE], "DRAWN_OUTLINE"),
    ],
)
def test_what_is_no_parcel_is_refused(ring: list[tuple[float, float]], code: str) -> None:
    with pytest.raises(InputError) as caught:
        outline_of([ring])
    assert caught.value.code == code
