"""Find promotional text injected into articles, and page furniture, span by span; clean and undo.

>>> import injectclean
>>> injectclean.clean("Một câu bình thường của một bài báo về mùa màng.").report.verdict
'pass'
"""

TYPE_CHECKING = False  # as in typing, whose import is not worth a constant
if TYPE_CHECKING:
    from injectclean.config import Config
    from injectclean.errors import InjectcleanError
    from injectclean.report import Cleaned, Finding, Report
    from injectclean.scanner import Scanner, clean, restore, scan
    from injectclean.spans import Edit, Span

__all__ = [
    "Cleaned",
    "Config",
    "Edit",
    "Finding",
    "InjectcleanError",
    "Report",
    "Scanner",
    "Span",
    "clean",
    "restore",
    "scan",
]

_HOMES = {
    "config": ("Config",),
    "errors": ("InjectcleanError",),
    "report": ("Cleaned", "Finding", "Report"),
    "scanner": ("Scanner", "clean", "restore", "scan"),
    "spans": ("Edit", "Span"),
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for (PEP 562)."""
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f"injectclean.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, also those not imported yet."""
    return sorted({*globals(), *__all__})
