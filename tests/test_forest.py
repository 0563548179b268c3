"""Trees: the runtime's score is scikit-learn's own, and its terms add up to it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from injectclean.forest import LEAF, Forest, Nodes, Questions, arrange
from injectclean.judge import probability
from injectclean.training.trees import Size, fit_trees, silent_trees, tree_arrays

NAMES = ("a", "b", "c", "d")


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(3)
    values = rng.normal(size=(4000, len(NAMES)))
    targets = (values[:, 0] * values[:, 1] + values[:, 2] > 0.3).astype(int)
    model = fit_trees(values, targets, np.ones(len(values)), Size(trees=200, leaves=8, rate=0.08))
    arrays = tree_arrays("trees", model)
    return model, values, forest_of(arrays)


def forest_of(arrays) -> Forest:
    nodes = Nodes(*(arrays[f"trees.{role}"].tolist() for role in Nodes._fields))
    questions = Questions(*(arrays[f"trees.{role}"].tolist() for role in Questions._fields))
    return Forest(NAMES, float(arrays["trees.base"][0]), nodes, questions)


def test_the_score_is_that_of_scikit_learn(fitted) -> None:
    model, values, forest = fitted
    rows = values[:300]
    expected = model.decision_function(rows)
    found = [forest.logit(row) for row in rows.tolist()]
    assert np.max(np.abs(expected - found)) < 1e-9
    chances = model.predict_proba(rows)[:, 1]
    likely = [probability(logit) for logit in found]
    assert np.max(np.abs(chances - likely)) < 1e-9


def test_a_value_on_a_limit_goes_left(fitted) -> None:
    model, values, forest = fitted
    nodes, rows = forest._nodes, []
    for at in [at for at, feature in enumerate(nodes.asked) if feature != LEAF][:300]:
        row = values[at].tolist()
        row[nodes.asked[at]] = nodes.limits[at]
        rows.append(row)
    found = [forest.logit(row) for row in rows]
    assert np.max(np.abs(model.decision_function(np.array(rows)) - found)) < 1e-9


def test_a_tree_of_more_leaves_than_a_byte_has_bits_is_refused() -> None:
    inner = [(0, float(at), 2 * at + 2, 0.0) for at in range(8)]
    rows = [row for node in inner for row in (node, (LEAF, 0.0, 0, 0.0))] + [(LEAF, 0.0, 0, 0.0)]
    with pytest.raises(ValueError, match="leaves"):
        arrange(Nodes([0], *zip(*rows, strict=True)), 1)


def test_the_terms_add_up_to_the_score(fitted) -> None:
    _, values, forest = fitted
    rows = values[:50].tolist()
    rests = {round(forest.logit(row) - sum(w for _, _, w in forest.terms(row)), 9) for row in rows}
    assert len(rests) == 1, "what is left is the average candidate's, the same for all"
    for row in rows:
        terms = forest.terms(row)
        assert [abs(weight) for _, _, weight in terms] == sorted(
            (abs(weight) for _, _, weight in terms), reverse=True
        )
        assert {name: value for name, value, _ in terms} == dict(zip(NAMES, row, strict=True))


def test_one_leaf_of_no_weight_is_an_even_chance() -> None:
    arrays = silent_trees("trees", len(NAMES))
    assert arrays["trees.asked"].tolist() == [LEAF]
    forest = forest_of(arrays)
    assert math.isclose(probability(forest.logit((1.0, 2.0, 3.0, 4.0))), 0.5)
    assert {weight for _, _, weight in forest.terms((1.0, 2.0, 3.0, 4.0))} == {0.0}
