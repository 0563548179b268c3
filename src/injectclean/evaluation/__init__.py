"""Measures what the detector is worth; nothing that ships depends on it."""
