"""Scores from which findings are reported and acted on, set after training.

docs/accuracy.md has what each one gives on clean articles that no training or counting has seen.
"""

THRESHOLDS = {
    "core": -3.0,
    "injected.report": 0.66,
    "injected.clean": 0.82,
    "boilerplate.report": 0.5,
    "boilerplate.clean": 0.93,
    "piece": 0.8,
}
