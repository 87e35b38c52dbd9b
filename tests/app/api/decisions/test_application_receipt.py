"""The receipt of a proposal that an application became: the file kept for it, or why there is none."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from app.api.decisions.receipts import receipt_or_fault
from app.api.decisions.unfolding import unfold_or_fault
from app.artefacts.folders import Folders
from app.book.applications.stages import Stage
from tests.app.book.applications.made_up import open_desk
from tests.app.book.made_up_book import open_bank


def test_the_kept_receipt_is_shown_and_a_lost_one_is_said(engine: Engine, tmp_path: Path) -> None:
    desk = open_desk(open_bank(engine), tmp_path / "files")
    number = desk.filed(desk.bring_to(Stage.PROPOSED)).proposal_id
    assert number is not None
    folders = Folders(layers=None, runs=None, book=None, files=tmp_path / "files", photos=None)
    with engine.connect() as connection:
        asked = (connection, folders, number, *unfold_or_fault(connection, folders, number))
        receipt, fault = receipt_or_fault(*asked)
        assert receipt is not None
        assert fault is not None, "this made-up pack lies in no folder of the bank"
        assert fault.code == "PROPOSAL_OF_OTHER_POLICY"
        assert receipt.adds_up
        assert receipt.lines[0].code == "CROP_COST"
        desk.store.drop(receipt.sha256)
        receipt, fault = receipt_or_fault(*asked)
    assert receipt is None
    assert fault is not None
    assert fault.code == "FILE_MISSING"
