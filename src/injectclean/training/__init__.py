"""Training and evaluation: the only importers of scikit-learn, scipy, numpy and joblib."""
