"""The inputs of a book as a refresh compares them: Arrow files that are read where they lie, without decoding.

They stand beside the Parquet tables that a run folder records for replay (app.jobs.limits) and hold the same values.
Texts are numbers into a dictionary, so that comparing two states of a million parcels reads columns of numbers and
nothing else. The files are not compressed; a million parcels take some 170 MB.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa

from geo.errors import DataError, InputError
from scoring.inputs import Inputs

PARCELS_STATE: Final = "parcels.arrow"
CYCLES_STATE: Final = "cycles.arrow"


def write_state(folder: Path, inputs: Inputs) -> None:
    """Write a state into a new folder, which is there when it is whole and not before.

    Args:
        folder: does not exist; states that were opened stay as they are.
        inputs: the inputs of a book.

    Raises:
        InputError: the folder exists.
    """
    if folder.exists():
        raise InputError("STATE_EXISTS", f"The folder {folder.name} holds a state already.", "Name a new folder.")
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    parcels = _with_dictionaries(inputs.parcels)
    _write(parcels, part / PARCELS_STATE)
    _write(_by_row(_with_dictionaries(inputs.cycles), inputs.parcels["parcel_id"]), part / CYCLES_STATE)
    part.rename(folder)


def open_state(folder: Path) -> Inputs:
    """Open a state; columns are read from the disk when they are first looked at.

    Raises:
        DataError: a file is missing or is no Arrow file.
    """
    return Inputs(_open(folder / PARCELS_STATE), _open(folder / CYCLES_STATE))


def _write(table: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())


def _open(path: Path) -> pa.Table:
    try:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        table.validate()
    except (OSError, pa.ArrowException) as error:
        said = f"{path.parent.name}/{path.name} cannot be read: {error}."
        raise DataError("TABLE_UNREADABLE", said, "Decide the book in full, which records its state anew.") from error
    return table


def _with_dictionaries(table: pa.Table) -> pa.Table:
    """The table with every column of texts that come again as one dictionary."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type) and field.name != "parcel_id":
            column = table.column(place).combine_chunks().dictionary_encode()
            table = table.set_column(place, field.with_type(column.type), column)
    return table.unify_dictionaries()


def _by_row(cycles: pa.Table, ids: pa.ChunkedArray) -> pa.Table:
    """The cycles with the parcels' own column as the dictionary of parcel_id, so that its numbers are their rows."""
    names, own = cycles["parcel_id"].cast(pa.string()).to_pandas(), pd.Index(ids.to_pandas())
    rows = own.get_indexer(pd.Index(names))
    others, strangers = pd.factorize(names[rows < 0])
    rows[rows < 0] = len(own) + others
    column = pa.DictionaryArray.from_arrays(
        pa.array(rows, pa.int32()), pa.concat_arrays([*ids.chunks, pa.array(strangers.to_list(), pa.string())])
    )
    place = cycles.schema.get_field_index("parcel_id")
    return cycles.set_column(place, cycles.schema.field(place).with_type(column.type), column)
