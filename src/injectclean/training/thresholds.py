"""Scores from which findings are reported and acted on, set after training.

docs/accuracy.md has what each one gives on clean articles that no training or counting has seen.
"""

THRESHOLDS = {
    "core": -3.3,
    "injected.report": 0.7,
    "injected.clean": 0.76,
    "boilerplate.report": 0.5,
    "boilerplate.clean": 0.93,
    "piece": 0.8,
}
