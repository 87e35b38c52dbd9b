"""Cubes on disk or in an object store: Zarr whose chunks are written block by block, committed by a manifest.

Layout of a place: cube.zarr (Zarr version 3), manifest.json, and while it is being written work/ with one receipt for
each finished block. A receipt holds the hashes of the chunks, taken while they were written; the manifest is made from
the receipts and written last. So a killed write goes on where it stopped, and nothing half-written is ever readable.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr
import zarr
from numpy.typing import NDArray
from zarr.codecs import BloscCodec
from zarr.storage import MemoryStore

from geo.errors import DataError
from geo.manifest import MANIFEST_NAME
from tiles.places import Entries, HashingStore, Place, Receipt, entry_of

#: Longest chunk of a stored variable along each dimension; the whole length along any other.
CHUNKS: Final = {"time": 8, "step": 8, "y": 256, "x": 256}

#: Chunks of a grid are cut evenly, in multiples of this.
_EVEN_PX: Final = 8

#: Bytes that the codec compresses by themselves: as small as with its own choice of 32 KiB, read in half the time.
_BLOSC_BLOCK: Final = 1 << 18

#: Folder of the arrays in a place.
ZARR: Final = "cube.zarr"
_WORK: Final = "work"
_HEAD: Final = f"{_WORK}/head.json"
_BLOCKS: Final = f"{_WORK}/blocks"


def chunk_length(dim: str, size: int) -> int:
    """Length of the chunks that a dimension of some size is cut into.

    A grid is cut evenly: chunks at its edge are stored and decoded whole, so a narrow rest would cost like a full one.
    """
    most = CHUNKS.get(dim, size)
    if dim not in ("y", "x") or size <= most:
        return min(most, size)
    return math.ceil(size / math.ceil(size / most) / _EVEN_PX) * _EVEN_PX


def begin(place: str | Path, template: xr.Dataset) -> bool:
    """Prepare a place for the blocks of a cube; what was written of this very cube is kept, all else cleared.

    Args:
        place: a local folder, or an address such as s3://bucket/prefix.
        template: dimensions, coordinates (in memory), attributes and data types of the cube; the values of its
            variables are not looked at and may be lazy. An integer variable with the attributes scale_factor and
            _FillValue comes back as float32.

    Returns:
        Whether there is anything left to write: False where this very cube is committed.

    Raises:
        DataError: the place cannot be written (STORE_WRITE).
        TransientError: the object store does not answer (STORE_DOWN).
    """
    where, content = Place(place), _rendered(template)
    files = {name: entry_of(said) for name, said in content.items()}
    region = {str(name): (0, size) for name, size in template.sizes.items()}
    head = Receipt(files, region, tuple(sorted(map(str, template.data_vars))))
    with _writing(where):
        if _holds(where, files):
            where.remove(_WORK)
            return False
        if where.receipt(_HEAD) != head:
            clear(where)
            for name, said in content.items():
                where.put(name, said)
            where.put_receipt(_HEAD, head)
    return True


def has_block(place: str | Path, name: str) -> bool:
    """Whether a block was written whole, or the cube it belongs to is committed."""
    where = Place(place)
    with _writing(where):
        return where.receipt(f"{_BLOCKS}/{name}.json") is not None or (where.root / MANIFEST_NAME).exists()


def write_block(
    place: str | Path, name: str, variables: Mapping[str, NDArray[Any]], region: Mapping[str, slice]
) -> None:
    """Write whole chunks of a begun cube, and then the block's receipt.

    Args:
        place: as in `begin`.
        name: of the block; one that is written again replaces its receipt.
        variables: array of each of the template's data variables, as stored.
        region: what the arrays cover, by dimension; dimensions that are not named are covered whole. Starts and ends
            lie on borders of chunks or at the end of the cube.

    Raises:
        DataError: the place cannot be written (STORE_WRITE).
        TransientError: the object store does not answer (STORE_DOWN).
        ValueError: the region cuts a chunk.
    """
    where = Place(place)
    with _writing(where):
        store = HashingStore(where.zarr_store(ZARR, read_only=False))
        group = zarr.open_group(store, mode="r+", zarr_format=3, use_consolidated=False)
        for variable, values in variables.items():
            _write(group[variable], values, region)
        files = {f"{ZARR}/{key}": entry for key, entry in sorted(store.entries.items())}
        ends = {dim: (part.start, part.stop) for dim, part in region.items()}
        where.put_receipt(f"{_BLOCKS}/{name}.json", Receipt(files, ends, tuple(sorted(variables))))


def commit(place: str | Path) -> None:
    """Make a cube readable once all of its blocks are written; nothing where it is committed already.

    Raises:
        DataError: blocks are missing (CUBE_UNFINISHED), or the place cannot be written (STORE_WRITE).
        TransientError: the object store does not answer (STORE_DOWN).
    """
    where = Place(place)
    with _writing(where):
        if not (where.root / MANIFEST_NAME).exists():
            files = _finished(where)
            for stray in where.sizes(ZARR).keys() - files.keys():  # what a killed process left half-written
                where.remove(stray)
            where.commit(files)
        where.remove(_WORK)


def is_complete(place: str | Path) -> bool:
    """Whether a cube was committed in a place and its files still have their sizes (`open_cube` hashes them)."""
    where = Place(place)
    try:
        with reading(where):
            where.verified(content=False)
    except DataError:
        return False
    return True


def open_cube(place: str | Path, *, verify: bool = True, unpack: bool = True) -> xr.Dataset:
    """A committed cube, lazy in Dask.

    Args:
        place: where it was written.
        verify: compare every file with the manifest's hash first, not only its size; reads them all.
        unpack: give packed variables as float32, NaN no data; otherwise the whole numbers that are stored.

    Returns:
        Dataset like the template it was begun with. Coordinates are in memory.

    Raises:
        DataError: there is no committed cube, or a file of it is damaged, or the store refuses (STORE_READ).
        TransientError: the object store does not answer (STORE_DOWN).
    """
    where = Place(place)
    with reading(where):
        where.verified(content=verify)
        store = where.zarr_store(ZARR, read_only=True)
        stored: xr.Dataset = xr.open_zarr(store, zarr_format=3, consolidated=False, mask_and_scale=False)
        coordinates = {name: _in_memory(coordinate) for name, coordinate in stored.coords.items()}
    unpacked = {name: _unpacked(variable) for name, variable in stored.data_vars.items()} if unpack else {}
    return stored.assign(unpacked).assign_coords(coordinates)


def clear(where: Place) -> None:
    """Delete a cube, its manifest first: whatever interrupts this, no half-deleted cube looks complete."""
    for name in (MANIFEST_NAME, _WORK, ZARR):
        where.remove(name)


def _rendered(template: xr.Dataset) -> dict[str, bytes]:
    """Files of an empty cube: metadata and coordinates."""
    store = MemoryStore()
    lazy = template.drop_encoding().assign({name: said.chunk() for name, said in template.data_vars.items()})
    encoding = {name: _encoding(variable) for name, variable in lazy.data_vars.items()}
    lazy.to_zarr(store, mode="w", zarr_format=3, consolidated=False, compute=False, encoding=encoding)
    return {f"{ZARR}/{key}": said.to_bytes() for key, said in sorted(store._store_dict.items())}  # noqa: SLF001


def _encoding(variable: xr.DataArray) -> dict[str, Any]:
    return {
        "chunks": tuple(chunk_length(str(dim), size) for dim, size in variable.sizes.items()),
        "compressors": (BloscCodec(cname="zstd", clevel=1, shuffle="bitshuffle", blocksize=_BLOSC_BLOCK),),
    }


def _holds(where: Place, files: Entries) -> bool:
    """Whether the cube that begins with these files is committed whole."""
    try:
        manifest = where.verified(content=False)
    except DataError:
        return False
    return all(manifest.get(name) == entry for name, entry in files.items())


def _finished(where: Place) -> Entries:
    """Files of all blocks, which together must cover the cube."""
    head = where.receipt(_HEAD)
    names = sorted(name for name in where.sizes(_BLOCKS) if name.endswith(".json"))
    receipts = [found for name in names if (found := where.receipt(name)) is not None]
    missing = _uncovered(head, receipts) if head is not None else -1
    if head is None or missing:
        what = f"lacks {missing} of its chunks" if missing > 0 else "was never begun"
        raise DataError("CUBE_UNFINISHED", f"The cube {where} {what}.", "Build it again: what is written is kept.")
    files = dict(head.files)
    for receipt in receipts:
        files.update(receipt.files)
    return files


def _uncovered(head: Receipt, receipts: list[Receipt]) -> int:
    """Chunks, counted over the dimensions that blocks cut, that no receipt covers."""
    cut = sorted({dim for receipt in receipts for dim in receipt.region})
    covered = np.zeros([_chunks(dim, head, head.region[dim]).stop for dim in cut], dtype=bool)
    for receipt in receipts:
        if receipt.variables == head.variables:
            covered[tuple(_chunks(dim, head, receipt.region.get(dim, head.region[dim])) for dim in cut)] = True
    return int(covered.size - covered.sum())


def _chunks(dim: str, head: Receipt, part: tuple[int, int]) -> slice:
    """Chunks along a dimension that hold some indices."""
    chunk = chunk_length(dim, head.region[dim][1])
    return slice(part[0] // chunk, math.ceil(part[1] / chunk))


def _write(array: Any, values: NDArray[Any], region: Mapping[str, slice]) -> None:
    names = array.metadata.dimension_names
    where = tuple(region.get(name, slice(0, size)) for name, size in zip(names, array.shape, strict=True))
    for name, part, size, chunk in zip(names, where, array.shape, array.chunks, strict=True):
        if part.start % chunk or (part.stop % chunk and part.stop != size):
            raise ValueError(f"{part.start} to {part.stop} along {name} cuts a chunk of {chunk}")
    array[where] = values


def _unpacked(variable: xr.DataArray) -> xr.DataArray:
    """Reflectance and the like from whole numbers; other variables as they are."""
    scale, empty = variable.attrs.get("scale_factor"), variable.attrs.get("_FillValue")
    attrs = {name: said for name, said in variable.attrs.items() if name not in ("scale_factor", "_FillValue")}
    if scale is not None:
        variable = (variable.astype(np.float32) / np.float32(round(1 / scale))).where(variable != empty)
    plain = variable.copy(deep=False)
    plain.attrs = attrs
    return plain


def _in_memory(coordinate: xr.DataArray) -> xr.DataArray:
    """A coordinate read, texts as Python strings (Zarr gives numpy's new string type, which tables do not know)."""
    loaded = coordinate.load()
    return loaded.astype(object) if loaded.dtype.kind == "T" else loaded


def _writing(where: Place) -> AbstractContextManager[None]:
    return where.reached("STORE_WRITE", "written", "Free some space or check the permissions.")


def reading(where: Place) -> AbstractContextManager[None]:
    """Failures while a cube is read become DataError STORE_READ or TransientError STORE_DOWN."""
    return where.reached("STORE_READ", "read", "Check the address and the permissions.")
