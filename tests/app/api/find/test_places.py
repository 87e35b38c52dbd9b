from __future__ import annotations

import pytest

from app.api.find.places import read_place


@pytest.mark.parametrize(
    "text",
    [
        "50.1, 4.2",
        "50.1 4.2",
        " 50.1，4.2 ",
        "50°06'N 4°12'E",
        "50 6 n 4 12 e",
        "E4.2 N50.1",
        "4.2E, 50.1N",
        "50°6'0\" 4°12'0″",
        "N50.1E4.2",
    ],
)
def test_the_same_place_in_many_ways(text: str) -> None:
    place = read_place(text)
    assert place is not None
    assert (place.lat, place.lon) == pytest.approx((50.1, 4.2))
    assert place.around == pytest.approx((4.19, 50.09, 4.21, 50.11))


def test_south_and_west_are_below_zero() -> None:
    assert read_place("33°30'S 70°15'W") == read_place("-33.5, -70.25")
    assert read_place("−33.5; −70.25") == read_place("S33.5 W70.25")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "p0001",
        "Wang 2",
        "1 2 3",
        "50, 4, 3",
        "91, 0",
        "0, 181",
        "50 61 N 4 E",
        "N50 N4",
        "-5S 4",
        "50.5 6 N, 4 E",
        "W",
        ",",
        "1e3, 2",
        "nan, 1",
        "inf 2",
        "٣, ٤",
        "NE 4",
    ],
)
def test_what_is_no_place(text: str) -> None:
    assert read_place(text) is None
