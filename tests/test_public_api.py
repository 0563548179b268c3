"""The contract of the library (docs: design, section 4): names, signatures, shapes of values."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
import subprocess
import sys

import pytest

import injectclean
from injectclean import Cleaned, Config, Edit, Finding, InjectcleanError, Report, Scanner, Span
from injectclean import errors as error_module
from injectclean.document import Problem, Source

NAMES = {
    "scan", "clean", "restore", "Scanner", "Config", "Report", "Cleaned", "Finding", "Edit", "Span",
    "InjectcleanError",
}  # fmt: skip
FIELDS = {
    Span: "start end",
    Finding: "span category score action text reason evidence edit",
    Edit: "start end original replacement lossy",
    Report: "schema tool model source verdict findings edits quality cleaned_sha256 complete",
    Cleaned: "text report",
}
ERRORS = [
    value
    for value in vars(error_module).values()
    if isinstance(value, type) and issubclass(value, InjectcleanError)
]


def test_the_public_names_are_exactly_those_of_the_contract() -> None:
    assert set(injectclean.__all__) == NAMES
    assert len(injectclean.__all__) == len(NAMES)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(injectclean, name)

    assert value.__doc__
    assert name in dir(injectclean)


def test_a_star_import_brings_the_public_names() -> None:
    namespace: dict[str, object] = {}
    exec("from injectclean import *", namespace)

    assert namespace.keys() >= NAMES


def test_a_name_that_is_not_public_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = injectclean.nothing


@pytest.mark.parametrize(
    ("value", "fields"), FIELDS.items(), ids=lambda v: getattr(v, "__name__", "")
)
def test_values_have_the_fields_of_the_contract_in_order(value: type, fields: str) -> None:
    assert [field.name for field in dataclasses.fields(value)] == fields.split()


@pytest.mark.parametrize("value", [*FIELDS, Config, Source, Problem])
def test_values_are_frozen_and_have_slots(value: type) -> None:
    parameters = value.__dataclass_params__  # type: ignore[attr-defined]

    assert parameters.frozen
    assert "__slots__" in vars(value)


@pytest.mark.parametrize(
    ("function", "signature"),
    [
        (injectclean.scan, "(text: 'str') -> 'Report'"),
        (injectclean.clean, "(text: 'str') -> 'Cleaned'"),
        (injectclean.restore, "(text: 'str', report: 'Report') -> 'str'"),
        (Scanner.scan, "(self, text: 'str') -> 'Report'"),
        (Scanner.clean, "(self, text: 'str') -> 'Cleaned'"),
        (Scanner.__init__, "(self, *, config: 'Config | None' = None) -> 'None'"),
        (
            Scanner.clean_many,
            "(self, texts: 'Iterable[str]', *, jobs: 'int' = 1) -> 'Iterator[Cleaned]'",
        ),
    ],
)
def test_functions_have_the_signatures_of_the_contract(function: object, signature: str) -> None:
    assert callable(function)
    assert str(inspect.signature(function)) == signature


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_has_its_exit_code_and_survives_another_process(
    error: type[InjectcleanError],
) -> None:
    arguments = ("missing", "no such file") if error is error_module.InputError else ("no use",)
    made = error(*arguments)
    again = pickle.loads(pickle.dumps(made))

    assert made.exit_code in (2, 3)
    assert (type(again), str(again), vars(again)) == (type(made), str(made), vars(made))


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, injectclean; "
        "print(sorted(n for n in sys.modules if n.split('.')[0] in "
        "('numpy', 'scipy', 'sklearn', 'joblib', 'unidecode')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
