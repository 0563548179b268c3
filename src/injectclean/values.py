"""Frozen values: dataclasses and named tuples to everybody who asks, made for a light start.

``import dataclasses`` brings inspect, ast, dis and tokenize, and each class costs it most of a
millisecond: together a tenth of what ``injectclean scan`` took on one page. So ``frozen`` writes
the methods itself, and what the dataclasses module looks for on a class is made by that module, at
the first look; whoever looks has imported it. A test holds every public class against its twin made
by ``@dataclass(frozen=True, slots=True)``.

``typing.NamedTuple`` compiles the annotation of each field, to refuse what is no type, which a type
checker does. ``NamedTuple`` here is the same class without that, for a third of the time.

>>> @frozen
... class Point:
...     x: int
...     y: int = 0
>>> Point(1), replace(Point(1), y=2)
(Point(x=1, y=0), Point(x=1, y=2))
>>> class Place(NamedTuple):
...     line: int
...     column: int = 1
>>> Place(3), Place(4, column=2).column
(Place(line=3, column=1), 2)
>>> import dataclasses
>>> dataclasses.is_dataclass(Point), dataclasses.asdict(Point(3))
(True, {'x': 3, 'y': 0})
"""

from __future__ import annotations

import operator
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform, overload

_Class = TypeVar("_Class", bound=type)
_Value = TypeVar("_Value")
_ORDER = {f"__{name}__": getattr(operator, name) for name in ("lt", "le", "gt", "ge")}

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:

    class _Named(type):
        """Makes a named tuple of a class's annotations, with what else stands in its body."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body["__annotations__"]
            defaults = [body[field] for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            for member, content in body.items():
                if member not in fields and member != "__module__":
                    setattr(made, member, content)
            return made

    class NamedTuple(metaclass=_Named):
        """As ``typing.NamedTuple``."""


@overload
def frozen(cls: _Class, /) -> _Class: ...
@overload
def frozen(*, order: bool) -> Callable[[_Class], _Class]: ...
@dataclass_transform(frozen_default=True)
def frozen(cls: Any = None, /, *, order: bool = False) -> Any:
    """As ``@dataclass(frozen=True, slots=True)``, for a class of two or more plain fields.

    Args:
        order: whether values compare as the tuples of their fields do.
    """
    return (lambda cls: _make(cls, order=order)) if cls is None else _make(cls, order=order)


def replace(given: _Value, **changes: Any) -> _Value:
    """A value with some of its fields changed."""
    return type(given)(**{**as_dict(given), **changes})


def as_dict(given: object) -> dict[str, Any]:
    """A value's fields by name, in order; what is in them stays as it is."""
    return {name: getattr(given, name) for name in field_names(type(given))}


def field_names(cls: Any) -> tuple[str, ...]:
    """The names of the fields of a class of values, in order."""
    names: tuple[str, ...] = cls.__match_args__
    return names


class _Declaration:
    """What the dataclasses module keeps on a class: made by it, at the first look."""

    def __init__(self, fields: Mapping[str, Any], *, order: bool) -> None:
        self._fields = fields
        self._order = order

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        from dataclasses import dataclass

        twin = type(self._owner.__name__, (), dict(self._fields))
        twin = dataclass(frozen=True, slots=True, order=self._order)(twin)
        made = getattr(twin, self._name)
        setattr(self._owner, self._name, made)
        return made


def _make(cls: type, *, order: bool) -> type:
    """The class once more, with methods and slots, which no class can be given afterwards."""
    annotations: dict[str, Any] = cls.__annotations__
    names = tuple(annotations)
    members = {
        name: member
        for name, member in vars(cls).items()
        if name not in (*names, "__dict__", "__weakref__")
    }
    defaults = {name: vars(cls)[name] for name in names if name in vars(cls)}
    fields = {"__module__": cls.__module__, "__annotations__": annotations, **defaults}
    members |= {
        "__slots__": names,
        "__match_args__": names,
        "__qualname__": cls.__qualname__,
        "__dataclass_fields__": _Declaration(fields, order=order),
        "__dataclass_params__": _Declaration(fields, order=order),
        "__init__": _init(cls, tuple(defaults.values())),
        **_methods(names),
    }
    if order:
        get = operator.attrgetter(*names)
        members |= {name: _comparison(get, compare) for name, compare in _ORDER.items()}
    return type(cls.__name__, cls.__bases__, members)


def _init(cls: type, defaults: tuple[object, ...]) -> Callable[..., None]:
    """An ``__init__`` of the fields, out of its source: one of ``*args`` is slow, and tells little.

    The standard library's namedtuple and dataclasses do the same.
    """
    names = cls.__annotations__
    lines = [f"def __init__(self, {', '.join(names)}):"]
    lines += [f" assign(self, {name!r}, {name})" for name in names]
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    scope: dict[str, Any] = {"assign": object.__setattr__, "__name__": cls.__module__}
    exec("\n".join(lines), scope)  # noqa: S102  (names of fields in our own source, nothing else)
    made: Any = scope["__init__"]
    made.__defaults__ = defaults
    made.__annotations__ = {**names, "return": None}
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made  # type: ignore[no-any-return]


def _methods(names: tuple[str, ...]) -> dict[str, Callable[..., Any]]:
    """What frozen dataclasses with slots do: equal, hash, show, refuse changes, and be pickled."""
    get = operator.attrgetter(*names)

    def show(self: object) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({shown})"

    def refuse(self: object, name: str, *content: object) -> None:
        if name in names or not hasattr(self, "__dict__"):
            from dataclasses import FrozenInstanceError

            verb = "assign to" if content else "delete"
            raise FrozenInstanceError(f"cannot {verb} field {name!r}")
        # A user's subclass may have attributes of its own.
        (object.__setattr__ if content else object.__delattr__)(self, name, *content)

    def set_state(self: object, state: Sequence[object]) -> None:
        for name, content in zip(names, state, strict=True):
            object.__setattr__(self, name, content)

    return {
        "__repr__": show,
        "__eq__": _comparison(get, operator.eq),
        "__hash__": lambda self: hash(get(self)),
        "__setattr__": refuse,
        "__delattr__": refuse,
        "__getstate__": lambda self: list(get(self)),
        "__setstate__": set_state,
        "__replace__": replace,
    }


def _comparison(
    get: Callable[[Any], Any], compare: Callable[[Any, Any], bool]
) -> Callable[[object, object], bool]:
    def method(self: object, other: object) -> bool:
        return compare(get(self), get(other)) if type(other) is type(self) else NotImplemented

    return method
