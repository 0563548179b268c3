"""The shipped model, loaded once for all tests that only ask it."""

from __future__ import annotations

from functools import cache

from injectclean import Scanner
from injectclean.injected import InjectedFinder
from injectclean.model import load_model


@cache
def finder() -> InjectedFinder:
    """What finds injected spans."""
    return InjectedFinder(load_model(None))


@cache
def scanner() -> Scanner:
    """The default scanner."""
    return Scanner()
