"""What a look would change of recorded limits, from the inputs that the folder of a run, plan or batch recorded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.jobs.replay import read_record
from scoring.next_look.outlook import Outlook, outlooks
from scoring.pack_schema import Pack
from scoring.replay import recorded_intake


def next_looks(folder: Path, subjects: Sequence[str]) -> tuple[list[Outlook], Pack]:
    """Outlooks of parcels and farmers, as scoring.next_look.outlooks gives them, and the policy that they rest on.

    Raises:
        InputError: no such subject.
        DataError: an input is gone, or is not the recorded one (named).
    """
    record = read_record(folder)
    return outlooks(recorded_intake(subjects, record), subjects, record.pack), record.pack
