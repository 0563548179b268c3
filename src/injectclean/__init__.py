"""Find promotional text injected into articles, and page furniture, span by span; clean and undo.

>>> import injectclean
>>> injectclean.clean("Một câu bình thường của một bài báo về mùa màng.").report.verdict
'pass'
"""

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
