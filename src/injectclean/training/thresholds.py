"""Scores from which findings are reported and acted on, set after training.

docs/accuracy.md has what each one gives on clean articles that no training or counting has seen.
``core`` is the log-odds from which a core is looked at: training asks for less, since what it loses
there nothing can find, but of what is reported in the end -3 loses one in a hundred, for a third of
the work.
"""

THRESHOLDS = {
    "core": -3.0,
    "injected.report": 0.61,
    "injected.clean": 0.75,
    "boilerplate.report": 0.5,
    "boilerplate.clean": 0.93,
    "piece": 0.55,
}
