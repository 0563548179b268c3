"""Logistic models over named features, as the card holds them and ``judge.Judge`` reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]


def fit_logistic(
    names: Sequence[str], values: Floats, targets: NDArray[Any], weights: Floats, c: float
) -> dict[str, dict[str, float]]:
    """A logistic model over named features, as the card holds it."""
    scaler = StandardScaler().fit(values)
    model = LogisticRegression(C=c, solver="liblinear", random_state=0)
    with threadpool_limits(limits=1):
        model.fit(scaler.transform(values), targets, sample_weight=weights)
    slopes = model.coef_[0] / scaler.scale_
    intercept = float(model.intercept_[0] - slopes @ scaler.mean_)
    named = {name: round(float(slope), 6) for name, slope in zip(names, slopes, strict=True)}
    means = {name: round(float(mean), 6) for name, mean in zip(names, scaler.mean_, strict=True)}
    return {"weights": {**named, "intercept": round(intercept, 6)}, "means": means}
