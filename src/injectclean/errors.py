"""The exceptions of injectclean, and the exit code that each one means on the command line.

::

    InjectcleanError
    ├── ConfigError        2  configuration, rule or command-line value that cannot be used
    │   └── MissingExtraError 2  an integration's own package is not installed; an ImportError, too
    ├── ModelError         2  model file missing, foreign, damaged or too new
    ├── InputError         3  one input could not be read as text
    ├── OutputError        3  one output could not be written
    └── RestoreError       3  a report does not belong to the text it should undo
"""

from __future__ import annotations


class InjectcleanError(Exception):
    """Base of every error raised on purpose by this package."""

    exit_code = 3


class ConfigError(InjectcleanError):
    """A setting, a rule or an allow entry cannot be used."""

    exit_code = 2


class MissingExtraError(ConfigError, ImportError):
    """An integration needs a package that its extra brings."""


class ModelError(InjectcleanError):
    """The model cannot be used; nothing is scanned with it."""

    exit_code = 2


class InputError(InjectcleanError):
    """One input was not read, or not wholly.

    ``kind`` is a stable word for programs (``missing``, ``permission_denied``, ``binary``, …).
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str]]:
        """How another process hands it over: with both arguments."""
        return type(self), (self.kind, str(self))


class OutputError(InjectcleanError):
    """One output was not written; nothing half-written is left behind."""


class RestoreError(InjectcleanError):
    """The report does not describe this text, so nothing is restored."""
