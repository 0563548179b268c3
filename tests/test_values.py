"""Our frozen values are dataclasses to everybody who asks, and behave as dataclasses do."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import sys
import typing
from typing import Any

import pytest

from injectclean.config import Config
from injectclean.document import Problem, Source
from injectclean.report import Cleaned, Finding, Report
from injectclean.spans import Edit, Span
from injectclean.values import NamedTuple, as_dict, field_names, frozen, replace

SPAN = Span(1, 4)
EDIT = Edit(1, 4, "abc", "")
SOURCE = Source("a.txt", problem=Problem("binary", "it is"))
FINDING = Finding(SPAN, "injected/seo", 0.5, "flag", "abc", "why", (("words", 1.0, 2.0),))
REPORT = Report("s", "t", "m", SOURCE, "pass", (FINDING,), (EDIT,), {"held": None}, None, False)
EXAMPLES = (SPAN, EDIT, SOURCE, FINDING, REPORT, Cleaned("text", REPORT), Config(gap="…"))
HASHABLE = tuple(value for value in EXAMPLES if not isinstance(value, Report | Cleaned))


def name_of(value: object) -> str:
    return type(value).__name__


def twin_of(cls: type, *, order: bool) -> Any:
    """The same fields and methods, made by the dataclasses module itself."""
    own = {n: v for n, v in vars(cls).items() if inspect.isfunction(v) or isinstance(v, property)}
    kept = {
        n: v for n, v in own.items() if not n.startswith("__") or n in ("__post_init__", "__len__")
    }
    defaults = {
        f.name: f.default for f in dataclasses.fields(cls) if f.default is not dataclasses.MISSING
    }
    body = {
        "__annotations__": cls.__annotations__,
        "__module__": cls.__module__,
        **kept,
        **defaults,
    }
    return dataclasses.dataclass(frozen=True, slots=True, order=order)(type(cls.__name__, (), body))


def twin_and_copy(value: Any) -> tuple[Any, Any]:
    """A value of the twin's class with the same fields, and the twin's class."""
    twin = twin_of(type(value), order=isinstance(value, Span))
    return twin(*as_dict(value).values()), twin


@pytest.mark.parametrize("value", EXAMPLES, ids=name_of)
def test_the_dataclasses_module_takes_it_for_its_own(value: Any) -> None:
    same, twin = twin_and_copy(value)

    assert dataclasses.is_dataclass(value)
    assert dataclasses.is_dataclass(type(value))
    assert repr(dataclasses.fields(value)) == repr(dataclasses.fields(twin))
    assert repr(type(value).__dataclass_params__) == repr(twin.__dataclass_params__)
    assert dataclasses.asdict(value) == dataclasses.asdict(same)
    assert dataclasses.astuple(value) == dataclasses.astuple(same)
    assert dataclasses.replace(value) == value


@pytest.mark.parametrize("value", EXAMPLES, ids=name_of)
def test_it_looks_as_its_twin_does(value: Any) -> None:
    same, twin = twin_and_copy(value)
    cls = type(value)

    assert repr(value) == repr(same)
    assert inspect.signature(cls) == inspect.signature(twin)
    assert cls.__match_args__ == twin.__match_args__
    assert cls.__slots__ == twin.__slots__
    assert cls.__annotations__ == twin.__annotations__
    assert set(dir(twin)) - {"__replace__"} <= {*dir(cls)}
    assert not hasattr(value, "__dict__")


@pytest.mark.parametrize("value", EXAMPLES, ids=name_of)
def test_it_is_equal_by_its_fields_within_its_own_class(value: Any) -> None:
    same, _ = twin_and_copy(value)

    assert value == replace(value)
    assert value != same
    assert value.__eq__(same) is NotImplemented
    assert value != tuple(as_dict(value).values())
    assert value != replace(value, **{field_names(type(value))[0]: type(value)} | valid(value))


def valid(value: object) -> dict[str, object]:
    """Another first field, where the class would refuse any."""
    return {Span: {"start": 0}, Edit: {"start": 2, "end": 5}, Config: {"gap": "x"}}.get(
        type(value), {}
    )


@pytest.mark.parametrize("value", HASHABLE, ids=name_of)
def test_its_hash_is_that_of_its_fields(value: Any) -> None:
    same, _ = twin_and_copy(value)

    assert hash(value) == hash(same) == hash(replace(value))


def test_a_value_that_holds_a_dictionary_has_no_hash() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(REPORT)


@pytest.mark.parametrize("value", EXAMPLES, ids=name_of)
def test_it_cannot_be_changed(value: Any) -> None:
    same, _ = twin_and_copy(value)
    name = field_names(type(value))[0]

    for changed in (value, same):
        with pytest.raises(
            dataclasses.FrozenInstanceError, match=f"cannot assign to field '{name}'"
        ):
            setattr(changed, name, 0)
        with pytest.raises(dataclasses.FrozenInstanceError, match=f"cannot delete field '{name}'"):
            delattr(changed, name)
    with pytest.raises(AttributeError):
        value.nothing = 0


@pytest.mark.parametrize("value", EXAMPLES, ids=name_of)
def test_it_survives_pickling_and_copying(value: Any) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(value, protocol)) == value
    assert copy.copy(value) == copy.deepcopy(value) == value


def test_spans_are_ordered_as_pairs_and_only_among_themselves() -> None:
    spans = [Span(2, 3), Span(1, 9), Span(1, 2)]

    assert sorted(spans) == [Span(1, 2), Span(1, 9), Span(2, 3)]
    assert Span(1, 2) <= Span(1, 2) < Span(1, 3) > Span(1, 2) >= Span(0, 9)
    with pytest.raises(TypeError, match="not supported"):
        _ = Span(1, 2) < (1, 3)  # type: ignore[operator]
    with pytest.raises(TypeError, match="not supported"):
        _ = EDIT < EDIT  # type: ignore[operator]


def test_defaults_keywords_and_checks_work_as_in_a_dataclass() -> None:
    @frozen
    class Pair:
        left: int
        right: int = 2

        def __post_init__(self) -> None:
            if self.left == self.right:
                raise ValueError("twice the same")

    assert Pair(1) == Pair(left=1, right=2)
    assert repr(Pair(1)).endswith("Pair(left=1, right=2)")
    with pytest.raises(ValueError, match="twice"):
        replace(Pair(1), left=2)
    for arguments in ((), (1, 2, 3)):
        with pytest.raises(TypeError, match="argument"):
            Pair(*arguments)
    with pytest.raises(TypeError, match="unexpected keyword argument 'other'"):
        replace(Pair(1), other=1)


def test_a_dataclass_can_be_derived_from_it() -> None:
    @dataclasses.dataclass(frozen=True)
    class Named(Span):
        name: str = ""

    class Loose(Span):
        pass

    loose = Loose(1, 2)
    loose.note = "of its own"  # type: ignore[attr-defined]

    assert [f.name for f in dataclasses.fields(Named)] == ["start", "end", "name"]
    assert repr(Named(1, 2, "x")).endswith("Named(start=1, end=2, name='x')")
    assert dataclasses.fields(Loose) == dataclasses.fields(Span)
    with pytest.raises(dataclasses.FrozenInstanceError):
        loose.start = 0  # type: ignore[misc]


@pytest.mark.skipif(sys.version_info < (3, 13), reason="copy.replace is of 3.13")
def test_the_copy_module_can_replace_its_fields() -> None:
    assert copy.replace(SPAN, end=9) == Span(1, 9)  # type: ignore[attr-defined]


class Place(NamedTuple):
    """Where."""

    line: int
    column: int = 1

    @property
    def shown(self) -> str:
        return f"{self.line}:{self.column}"


class Twin(typing.NamedTuple):
    """Where."""

    line: int
    column: int = 1

    @property
    def shown(self) -> str:
        return f"{self.line}:{self.column}"


def test_a_named_tuple_is_what_typing_makes_but_for_the_types_compiled() -> None:
    place, twin = Place(3), Twin(3)

    assert place == twin == (3, 1)
    assert (place.shown, repr(place)) == ("3:1", "Place(line=3, column=1)")
    assert (place._fields, place._asdict()) == (twin._fields, twin._asdict())
    assert (Place._field_defaults, Place.__doc__) == (Twin._field_defaults, "Where.")
    assert inspect.signature(Place).parameters.keys() == inspect.signature(Twin).parameters.keys()
    assert Place.__annotations__ == {"line": "int", "column": "int"}
    assert (Place.__module__, Place.__qualname__) == (__name__, "Place")
    assert pickle.loads(pickle.dumps(place)) == place._replace(column=1)
    with pytest.raises(AttributeError):
        place.nothing = 0  # type: ignore[attr-defined]
