"""Moving a module from the protocol's own Python client to this package, as a change of its syntax.

What can be told from the text is changed; what cannot (an answer used as a dictionary, a request
object that was made elsewhere) is left, and noted with its line.
"""

# ruff: noqa: N802, ARG002  # the names and arguments of the visitors are those of libcst
from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, cast

import attrs
import libcst as cst
import libcst.matchers as m
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from openwop._client import Client
from openwop.cli._migration_table import ARGUMENTS, METHODS, POSITIONS
from openwop.wire import ConnectError, OpenResponse, Request

__all__ = ["Migrated", "Note", "migrate"]

_THEIRS: Final = "openwop_client"
_CLIENT: Final = "OpenwopClient"


@attrs.frozen
class Note:
    """Something to look at by hand.

    Attributes:
        line: The line, in the text as it was.
        text: What is there, and what to do.
    """

    line: int
    text: str


@attrs.frozen
class Migrated:
    """A module after the move.

    Attributes:
        text: Its text.
        calls: How many calls were changed.
        notes: What to look at by hand.
    """

    text: str
    calls: int
    notes: tuple[Note, ...]


def migrate(source: str) -> Migrated:
    """Return a module that uses this package in place of openwop-client.

    Args:
        source: The text of the module.

    Raises:
        libcst.ParserSyntaxError: It is no Python.
    """
    if _THEIRS not in source:
        return Migrated(source, 0, ())
    wrapper = MetadataWrapper(cst.parse_module(source))
    mover = _Mover()
    moved = wrapper.visit(mover)
    if not mover.imports:
        return Migrated(source, 0, ())
    leftovers = _Leftovers(mover.requests)
    moved.visit(leftovers)
    moved = moved.visit(_Imports(leftovers.found))
    if leftovers.found:
        names = ", ".join(sorted(leftovers.found))
        mover.note_at(1, f"{names} is still used: pass its members as keyword arguments")
    if mover.calls:
        mover.note_at(1, "answers are typed models in snake_case; to_dict() gives the wire's names")
    return Migrated(moved.code, mover.calls, tuple(sorted(mover.notes, key=lambda n: n.line)))


class _Mover(cst.CSTTransformer):
    """Changes calls; imports come last, when it is known which names are still needed."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.imports = False
        self.calls = 0
        self.notes: list[Note] = []
        self.modules: set[str] = set()
        self.clients: set[str] = set()
        self.requests: set[str] = set()

    def note(self, node: cst.CSTNode, text: str) -> None:
        place = cast("CodeRange", self.get_metadata(PositionProvider, node))
        self.note_at(place.start.line, text)

    def note_at(self, line: int, text: str) -> None:
        self.notes.append(Note(line, text))

    # -- what the module calls things -------------------------------------------------------------

    def visit_Import(self, node: cst.Import) -> None:
        for alias in node.names:
            if m.matches(alias.name, m.Name(_THEIRS)):
                self.imports = True
                self.modules.add(_asname(alias) or _THEIRS)

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        if not m.matches(node.module or cst.Name("_"), m.Name(_THEIRS)):
            return
        self.imports = True
        if isinstance(node.names, cst.ImportStar):
            self.note(node, "import * hides what is used; name what you need of openwop")
            return
        for alias in node.names:
            name = _asname(alias) or _text(alias.name)
            if _text(alias.name) == _CLIENT:
                self.clients.add(name)
            else:
                self.requests.add(name)

    # -- calls ------------------------------------------------------------------------------------

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        function = updated_node.func
        if self._is_of_theirs(function, _CLIENT, self.clients):
            self.calls += 1
            return updated_node.with_changes(
                func=cst.parse_expression("openwop.Client"), args=_constructor(updated_node.args)
            )
        if isinstance(function, cst.Attribute) and function.attr.value in METHODS:
            return self._method(original_node, updated_node, function)
        return updated_node

    def _is_of_theirs(self, node: cst.BaseExpression, name: str, own: set[str]) -> bool:
        if isinstance(node, cst.Name):
            return node.value in own
        return (
            isinstance(node, cst.Attribute)
            and node.attr.value == name
            and _text(node.value) in self.modules
        )

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Rename the class in annotations and the like."""
        if self._is_of_theirs(updated_node, _CLIENT, set()):
            return cst.parse_expression("openwop.Client")
        return updated_node

    def leave_Annotation(
        self, original_node: cst.Annotation, updated_node: cst.Annotation
    ) -> cst.Annotation:
        if self._is_of_theirs(updated_node.annotation, _CLIENT, self.clients):
            return updated_node.with_changes(annotation=cst.parse_expression("openwop.Client"))
        return updated_node

    def _method(
        self, original: cst.Call, updated: cst.Call, function: cst.Attribute
    ) -> cst.BaseExpression:
        theirs = function.attr.value
        ours = METHODS[theirs]
        resource, _, name = ours.partition(".")
        taken = _parameters(ours)
        arguments: list[cst.Arg] = []
        for place, argument in enumerate(updated.args):
            arguments += self._argument(original, argument, place, ours, taken)
        if theirs == "tools_list_compact":
            arguments.append(_keyword("view", cst.SimpleString('"compact"')))
        self.calls += 1
        target = cst.Attribute(cst.Attribute(function.value, cst.Name(resource)), cst.Name(name))
        return updated.with_changes(func=target, args=_separated(arguments, updated.args))

    def _argument(
        self, original: cst.Call, argument: cst.Arg, place: int, ours: str, taken: dict[str, Any]
    ) -> list[cst.Arg]:
        """Return what one argument becomes."""
        if argument.star:
            self.note(original, f"{ours}: an unpacked argument is passed on as it is")
            return [argument]
        if argument.keyword is not None:
            return [self._renamed(original, argument, ours, taken)]
        names = POSITIONS.get(ours) or list(taken)
        members = self._members(argument.value)
        is_request = isinstance(argument.value, cst.Call)
        if members is not None and (is_request or not _stands_alone(taken, place)):
            given = {_snake(item.keyword.value) for item in members if item.keyword is not None}
            if place < len(names) and not given & set(taken):
                self.note(original, f"{ours}: {names[place]} is a dictionary; look at its members")
                return [_keyword(names[place], _dictionary(members))]
            before = set(names[:place])  # given by their places already
            renamed = [self._renamed(original, item, ours, taken) for item in members]
            return [item for item in renamed if item.keyword and item.keyword.value not in before]
        if place >= len(names):
            self.note(original, f"{ours} takes fewer arguments; see what the last one was for")
            return [argument]
        if taken[names[place]] is not inspect.Parameter.KEYWORD_ONLY:
            return [argument]
        if isinstance(argument.value, cst.Name) and len(names) - place > 1:
            name = argument.value.value
            self.note(original, f"{ours} takes no request object: pass what {name} holds by name")
            return [argument]
        return [_keyword(names[place], argument.value)]

    def _members(self, value: cst.BaseExpression) -> list[cst.Arg] | None:
        """Return the members of a request object, or of a dictionary, as keyword arguments."""
        if isinstance(value, cst.Call) and (
            (isinstance(value.func, cst.Name) and value.func.value in self.requests)
            or (isinstance(value.func, cst.Attribute) and _text(value.func.value) in self.modules)
        ):
            named = all(item.keyword is not None for item in value.args)
            return list(value.args) if named else None
        if isinstance(value, cst.Dict) and value.elements:
            members: list[cst.Arg] = []
            for element in value.elements:
                if not isinstance(element, cst.DictElement):
                    return None
                key = element.key
                if not isinstance(key, cst.SimpleString):
                    return None
                word = key.evaluated_value
                if not isinstance(word, str) or not word.isidentifier():
                    return None
                members.append(_keyword(word, element.value))
            return members
        return None

    def _renamed(
        self, original: cst.Call, argument: cst.Arg, ours: str, taken: dict[str, Any]
    ) -> cst.Arg:
        assert argument.keyword is not None
        theirs = argument.keyword.value
        name = ARGUMENTS.get(ours, {}).get(theirs, _snake(theirs))
        value = argument.value
        if ours == "runs.stream" and name == "after":
            value = _as_integer(value)
        if ours == "runs.stream" and name == "mode":
            value = _joined(value)
        nested = self._members(value)
        if nested is not None and isinstance(value, cst.Call):
            value = _dictionary(nested)
            self.note(original, f"{ours}: {name} is a dictionary with the wire's names; look at it")
        if name not in taken and name not in _OPTIONS:
            self.note(original, f"{ours} has no argument {name}; see what it was for")
        return _keyword(name, value)


class _Leftovers(cst.CSTVisitor):
    """Finds which names of the older client are still used."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self._names = names
        self.found: set[str] = set()

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def visit_Name(self, node: cst.Name) -> None:
        if node.value in self._names:
            self.found.add(node.value)


class _Imports(cst.CSTTransformer):
    """Imports this package once, and of the older client what is still needed."""

    def __init__(self, needed: set[str]) -> None:
        super().__init__()
        self._needed = needed
        self._done = False

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> Any:
        if len(updated_node.body) != 1:
            return updated_node
        statement = updated_node.body[0]
        kept: list[cst.ImportAlias] = []
        if isinstance(statement, cst.Import):
            kept = [item for item in statement.names if not m.matches(item.name, m.Name(_THEIRS))]
            if len(kept) == len(statement.names):
                return updated_node
        elif isinstance(statement, cst.ImportFrom) and m.matches(
            statement.module or cst.Name("_"), m.Name(_THEIRS)
        ):
            if isinstance(statement.names, cst.ImportStar):
                return updated_node
            kept = [
                item
                for item in statement.names
                if (_asname(item) or _text(item.name)) in self._needed
            ]
        else:
            return updated_node
        lines: list[cst.BaseStatement] = []
        if not self._done:
            self._done = True
            lines.append(
                cst.SimpleStatementLine(
                    [cst.Import([cst.ImportAlias(cst.Name("openwop"))])],
                    leading_lines=updated_node.leading_lines,
                )
            )
        if kept:
            kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
            again = statement.with_changes(names=kept)
            lines.append(updated_node.with_changes(body=[again], leading_lines=[]))
        return cst.FlattenSentinel(lines)


_OPTIONS: Final = frozenset(
    {"timeout", "deadline", "retry", "idempotency_key", "extra_headers", "extra_query"}
)


class _Nowhere:
    """The transport of a client that is only looked at."""

    def send(self, request: Request) -> OpenResponse:
        """Send nothing."""
        raise ConnectError(request.shown_url)

    def close(self) -> None:
        """Do nothing."""


@cache
def _parameters(ours: str) -> dict[str, Any]:
    """Return the parameters of one of our methods, with their kinds."""
    resource, _, name = ours.partition(".")
    client = Client("http://nowhere.invalid", transport=_Nowhere(), load_plugins=False)
    holder: object = getattr(client, resource)
    found = inspect.signature(getattr(type(holder), name)).parameters.values()
    return {
        item.name: item.kind
        for item in found
        if item.name != "self" and item.kind is not item.VAR_KEYWORD
    }


def _stands_alone(taken: dict[str, Any], place: int) -> bool:
    """Tell whether the argument at a place is a value of its own, and no bundle of members."""
    names = list(taken)
    return (
        place < len(names) and taken[names[place]] is not inspect.Parameter.KEYWORD_ONLY
    ) or names[place:] in (["resume_value"], ["variables"])


def _constructor(given: Sequence[cst.Arg]) -> list[cst.Arg]:
    """Return the arguments of our client for those of theirs."""
    arguments: list[cst.Arg] = []
    for place, argument in enumerate(given):
        if argument.keyword is None and place == 1 and not argument.star:
            arguments.append(_keyword("api_key", argument.value))
        else:
            arguments.append(argument)
    return _separated(arguments, given)


def _keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return cst.Arg(value, keyword=cst.Name(name), equal=tight)


def _separated(arguments: Sequence[cst.Arg], before: Sequence[cst.Arg]) -> list[cst.Arg]:
    """Return arguments with a comma between each two, ending as those *before* them ended."""
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    separated: list[cst.Arg] = []
    for place, item in enumerate(arguments):
        if place == len(arguments) - 1:
            end = before[-1] if before else item
            changes: dict[str, Any] = {
                "comma": end.comma,
                "whitespace_after_arg": end.whitespace_after_arg,
            }
        elif isinstance(item.comma, cst.Comma):
            changes = {}
        else:
            changes = {"comma": comma, "whitespace_after_arg": cst.SimpleWhitespace("")}
        separated.append(item.with_changes(**changes))
    return separated


def _dictionary(members: Sequence[cst.Arg]) -> cst.Dict:
    return cst.Dict(
        [
            cst.DictElement(cst.SimpleString(f'"{item.keyword.value}"'), item.value)
            for item in members
            if item.keyword is not None
        ]
    )


def _as_integer(value: cst.BaseExpression) -> cst.BaseExpression:
    """Return an event id as the sequence that it is."""
    if isinstance(value, cst.SimpleString):
        word = value.evaluated_value
        if isinstance(word, str) and word.isdigit():
            return cst.Integer(str(int(word)))
    return cst.Call(cst.Name("int"), [cst.Arg(value)])


def _joined(value: cst.BaseExpression) -> cst.BaseExpression:
    """Return a list of modes as our one text."""
    if isinstance(value, (cst.List, cst.Tuple)):
        words = [item.value for item in value.elements]
        if all(isinstance(word, cst.SimpleString) for word in words):
            texts = [str(word.evaluated_value) for word in words]  # type: ignore[attr-defined]
            return cst.SimpleString(f'"{",".join(texts)}"')
        return cst.Call(cst.Attribute(cst.SimpleString('","'), cst.Name("join")), [cst.Arg(value)])
    return value


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _asname(alias: cst.ImportAlias) -> str | None:
    return _text(alias.asname.name) if alias.asname is not None else None


def _text(node: cst.CSTNode) -> str:
    return node.value if isinstance(node, cst.Name) else ""
