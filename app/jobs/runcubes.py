"""The cubes that a finished run rests on, while they are still there."""

from __future__ import annotations

from pathlib import Path

from geo.runrecord import RunRecord
from tiles.facts import joint_hash
from tiles.store import is_complete, open_cube


def cube_of(run: Path, tile: str, record: RunRecord) -> Path | None:
    """The newest finished cube of a tile that was made of the very scenes of the record; None where it is gone."""
    hashes = {scene.id: scene.hash for scene in record.scenes}
    folder = run / "work" / "cube" / tile
    for place in sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime, reverse=True):
        if is_complete(place):
            cube = open_cube(place, verify=False, unpack=False)
            made = [
                joint_hash(hashes.get(name, "") for name in str(items).split()) for items in cube["items"].to_numpy()
            ]
            if made == list(cube.source_hash.to_numpy()):
                return place
    return None
