"""Logistic regression of default on columns of a table (the optional extra "risk")."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import InputError
from scoring.money import Floats
from scoring.risk.measures import Bools
from scoring.risk.outcomes import table_column


def require_risk_packages(*names: str) -> None:
    """Fail early where a package of the extra is not installed.

    Args:
        names: modules that are needed.

    Raises:
        InputError: one of them is missing.
    """
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            "NO_RISK_PACKAGES",
            f"This needs packages that are not installed: {', '.join(missing)}.",
            "Install the extra: pip install 'acreline[risk]'.",
        )


def fit_predict(train: pd.DataFrame, default: Bools, test: pd.DataFrame) -> Floats:
    """PD of `test`, (m,), by a logistic regression on the columns of `train` (n, k).

    Numbers are standardised, missing ones take the median and a mark of their own; words become columns, rare and
    unseen ones one of their own. The ridge penalty is that of one unit of prior variance.
    """
    model = _pipeline(train)
    model.fit(train, default)
    return np.asarray(model.predict_proba(test)[:, 1], dtype=np.float64)


def _pipeline(train: pd.DataFrame) -> Any:
    from sklearn.compose import ColumnTransformer  # noqa: PLC0415 - an optional extra
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415

    numbers = [name for name in train.columns if pd.api.types.is_numeric_dtype(train[name])]
    words = [name for name in train.columns if name not in numbers]
    columns = ColumnTransformer([("numbers", _numbers(), numbers), ("words", _words(), words)])
    return make_pipeline(columns, LogisticRegression(C=1.0, max_iter=1000))


def _numbers() -> Any:
    from sklearn.impute import SimpleImputer  # noqa: PLC0415 - an optional extra
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    filled = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    return make_pipeline(filled, StandardScaler())


def _words() -> Any:
    from sklearn.impute import SimpleImputer  # noqa: PLC0415 - an optional extra
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import OneHotEncoder  # noqa: PLC0415

    filled = SimpleImputer(strategy="constant", fill_value="(missing)", missing_values=None)
    return make_pipeline(filled, OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10))


def features_of(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Columns as a regression takes them: float64 numbers with NaN, or words with None.

    Raises:
        InputError: a column is missing, or holds an infinite number.
    """
    return pd.DataFrame({name: _feature(table_column(table, name)) for name in columns}, index=table.index)


def _feature(values: pd.Series) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(values):
        words = values.astype(object)
        return words.where(words.notna(), None).map(lambda word: None if word is None else str(word))
    numbers = values.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(numbers).any():
        raise InputError("RISK_VALUE", f"The column {values.name!r} holds an infinite number.", "Correct the table.")
    return pd.Series(numbers, index=values.index, name=values.name)
