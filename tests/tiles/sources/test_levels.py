from __future__ import annotations

from datetime import date
from typing import Any

import pystac
import pytest

from geo.errors import InputError
from geo.season import Season
from tiles.sources.base import choose, sentinel2_l2a

YEAR = Season(date(2020, 1, 1), date(2020, 12, 31))
L1C = {"id": "S2_31UES_20200601T105000_L1C", "collection": "sentinel-2-l1c", "when": "2020-06-01T10:50:00Z"}


def all_items(path: Any) -> list[pystac.Item]:
    return list(pystac.Catalog.from_file(str(path)).get_items(recursive=True))


def test_one_l1c_scene_refuses_them_all(catalogue: Any, new_scene: Any, around: Any) -> None:
    path = catalogue(new_scene(), new_scene(**L1C))
    with pytest.raises(InputError) as caught:
        choose(all_items(path), around, YEAR, "archive")
    assert str(caught.value) == (
        "Scene S2_31UES_20200601T105000_L1C in archive is L1C (top of atmosphere), never mixed with surface "
        "reflectance. Use a catalogue of L2A scenes only, or leave the others out with --leave-out-l1c."
    )


def test_l1c_scenes_are_left_out_on_request(catalogue: Any, new_scene: Any, around: Any) -> None:
    path = catalogue(new_scene(), new_scene(**L1C))
    assert [item.id for item in choose(all_items(path), around, YEAR, "archive", "leave-out")] == [new_scene().id]


def test_a_catalogue_of_l1c_alone_leaves_nothing(catalogue: Any, new_scene: Any) -> None:
    path = catalogue(new_scene(**L1C))
    with pytest.raises(InputError, match=r"^archive holds no Sentinel-2 L2A scene\."):
        sentinel2_l2a(all_items(path), "archive", "leave-out")
