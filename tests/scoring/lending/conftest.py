from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from scoring.lending.mapping import LoanMapping
from tests.scoring.lending.made_up import POLICY, mapping_with, rows_of


@pytest.fixture
def make_rows() -> Callable[..., pd.DataFrame]:
    return rows_of


@pytest.fixture
def make_mapping() -> Callable[..., LoanMapping]:
    return mapping_with


@pytest.fixture
def policy() -> dict[str, str | None]:
    return dict(POLICY)
