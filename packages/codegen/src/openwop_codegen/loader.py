"""Documents and the places in them: files, JSON pointers and references across files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urljoin, urlsplit

import attrs
import yaml

from openwop_codegen.diagnostics import GeneratorError
from openwop_codegen.sources import fetch

__all__ = ["Loader", "Names", "Place", "parsed"]


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """YAML 1.2 as OpenAPI means it: `on`, `22:30` and what looks like a date stay text."""


_KEPT = {"tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"}
_Loader.yaml_implicit_resolvers = {
    first: kept
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    if (kept := [pair for pair in pairs if pair[0] in _KEPT])
}
for _kind, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(0|[1-9][0-9]*)|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+0123456789."),
):
    _Loader.add_implicit_resolver(  # pyright: ignore[reportUnknownMemberType]
        f"tag:yaml.org,2002:{_kind}", re.compile(rf"^(?:{_pattern})$"), list(_first)
    )


def _key(key: Any) -> str:
    """Return a mapping's key as JSON has it: `404:` and `true:` are no strings in YAML."""
    if key is True:
        return "true"
    if key is False:
        return "false"
    return str(key)


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        members = cast("dict[object, Any]", value)
        return {_key(key): _as_json(item) for key, item in members.items()}
    if isinstance(value, list):
        return [_as_json(item) for item in cast("list[object]", value)]
    return value


def parsed(text: str, name: str) -> Any:
    """Return the document that *text* is.

    Args:
        text: JSON or YAML.
        name: What messages call it; one that ends in `.json` is nothing else.

    Raises:
        GeneratorError: It is neither.
    """
    is_json = name.endswith(".json")
    try:
        if is_json or text.lstrip().startswith("{"):
            return json.loads(text)
    except ValueError as exc:
        if is_json:
            raise GeneratorError(f"is no JSON: {exc}", name) from exc
    try:
        return _as_json(yaml.load(text, Loader=_Loader))  # noqa: S506  # built on SafeLoader
    except (yaml.YAMLError, ValueError) as exc:
        raise GeneratorError(f"is no YAML: {exc}", name) from exc


def _settled(path: Path) -> Path:
    """Return *path* as documents are kept under; that of one from elsewhere is no path at all."""
    return path if "\0remote" in path.parts else path.resolve()


@attrs.define
class Names:
    """The names that schemas of one document give themselves.

    Attributes:
        anchors: The keys that lead to each `$anchor` and `$dynamicAnchor`; the outermost wins.
        ids: The keys that lead to each `$id`.
    """

    anchors: dict[str, tuple[str, ...]] = attrs.field(factory=dict[str, tuple[str, ...]])
    ids: dict[str, tuple[str, ...]] = attrs.field(factory=dict[str, tuple[str, ...]])

    def read(self, value: Any, keys: tuple[str, ...]) -> None:
        """Take the names in *value*, to which *keys* lead, from the outside inwards."""
        level: list[tuple[tuple[str, ...], Any]] = [(keys, value)]
        while level:
            below: list[tuple[tuple[str, ...], Any]] = []
            for at, one in level:
                if isinstance(one, dict):
                    members = cast("dict[str, Any]", one)
                    for word in ("$anchor", "$dynamicAnchor"):
                        if isinstance(members.get(word), str):
                            self.anchors.setdefault(members[word], at)
                    if isinstance(members.get("$id"), str):
                        self.ids.setdefault(members["$id"].partition("#")[0], at)
                    below += [((*at, key), inner) for key, inner in members.items()]
                elif isinstance(one, list):
                    listed = cast("list[Any]", one)
                    below += [((*at, str(index)), inner) for index, inner in enumerate(listed)]
            level = below


@attrs.define
class Loader:
    """Reads documents, each once.

    Attributes:
        root: The folder that paths in messages are relative to.
        allow_remote: Whether references to other addresses are fetched.
    """

    root: Path
    allow_remote: bool = False
    _documents: dict[Path, Any] = attrs.field(factory=dict[Path, Any], init=False)
    _addresses: dict[Path, str] = attrs.field(factory=dict[Path, str], init=False)
    _names: dict[Path, Names] = attrs.field(factory=dict[Path, Names], init=False)

    def document(self, path: Path) -> Any:
        """Return the parsed document at *path*.

        Raises:
            GeneratorError: It cannot be read, or is neither JSON nor YAML.
        """
        path = _settled(path)
        if path not in self._documents:
            self._documents[path] = self._parse(path)
        return self._documents[path]

    def _parse(self, path: Path) -> Any:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as exc:
            raise GeneratorError(f"cannot be read: {exc}", self.shown(path)) from exc
        return parsed(text, self.shown(path))

    def add(self, path: Path, document: Any) -> None:
        """Take *document* for what stands at *path*, as an overlay or a download makes it."""
        self._documents[path.resolve()] = document
        self._names.pop(path.resolve(), None)

    def had_from(self, path: Path, address: str) -> None:
        """Take *address* for where the document at *path* came from, for references from it."""
        self._addresses[path.resolve()] = address

    def target(self, path: Path, address: str) -> Path:
        """Return where the document is that the one at *path* calls *address*.

        Args:
            path: The document that refers.
            address: A relative path, or the URL of a document, without a fragment.

        Raises:
            GeneratorError: It is elsewhere and may not be fetched, or cannot be had.
        """
        base = self._addresses.get(path, "")
        if not base and "://" not in address:
            return path.parent / unquote(address)
        url = urljoin(base, address)
        # No file is there: the path only tells documents from elsewhere apart, and names them.
        made = Path(path.anchor or "/", "\0remote", *url.split("/"))
        if made not in self._documents:
            if urlsplit(url).scheme not in {"http", "https"}:
                raise GeneratorError(f"{url} is no file and no http address")
            if not self.allow_remote:
                raise GeneratorError(f"{url} is elsewhere; --allow-remote fetches it")
            self._documents[made] = parsed(fetch(url), url)
            self._addresses[made] = url
        return made

    def names(self, path: Path) -> Names:
        """Return the anchors and the ids in the document at *path*, by what they are called."""
        found = self._names.get(path)
        if found is None:
            found = self._names[path] = Names()
            found.read(self._documents[path], ())
        return found

    def shown(self, path: Path) -> str:
        """Return *path* as messages name it."""
        if path in self._addresses:
            return self._addresses[path]
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return path.name

    def open(self, path: Path) -> Place:
        """Return the place that is the whole document at *path*."""
        return Place(self, _settled(path), (), self.document(path))


@attrs.frozen(eq=False)
class Place:
    """A value and where it stands.

    Attributes:
        loader: What reads the documents.
        path: The document.
        keys: The keys that lead to the value.
        value: The value.
    """

    loader: Loader = attrs.field(repr=False)
    path: Path
    keys: tuple[str, ...]
    value: Any = attrs.field(repr=False)

    @property
    def pointer(self) -> str:
        """The JSON pointer within the document."""
        return "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in self.keys)

    @property
    def where(self) -> str:
        """The place as messages name it."""
        return f"{self.loader.shown(self.path)}#{self.pointer}"

    @property
    def id(self) -> tuple[Path, tuple[str, ...]]:
        """What tells this place from every other."""
        return self.path, self.keys

    @property
    def name(self) -> str:
        """The last key; the name of the file for a whole document."""
        return self.keys[-1] if self.keys else self.path.stem

    @property
    def map(self) -> Mapping[str, Any]:
        """The value as a mapping; empty where it is none (`true` as a schema, for one)."""
        value: object = self.value
        return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of the member *key*."""
        return self.map.get(key, default)

    def at(self, *keys: str | int) -> Place:
        """Return the place of a member that is there.

        Raises:
            GeneratorError: It is not there.
        """
        place = self
        for key in keys:
            value: Any = place.value
            try:
                found: Any = value[int(key) if isinstance(value, list) else str(key)]
            except (KeyError, IndexError, TypeError, ValueError):
                raise GeneratorError(f"has no {key!r}", place.where) from None
            place = Place(self.loader, self.path, (*place.keys, str(key)), found)
        return place

    def find(self, *keys: str) -> Place | None:
        """Return the place of a member, or None where it is not there."""
        place = self
        for key in keys:
            if key not in place.map:
                return None
            place = place.at(key)
        return place

    def items(self, key: str) -> Iterator[tuple[str, Place]]:
        """Iterate over the members of the object under *key*."""
        inner = self.find(key)
        if inner is not None:
            for name in inner.map:
                yield name, inner.at(name)

    def strings(self, key: str) -> list[str]:
        """Return the elements of the array under *key* as texts."""
        value = self.get(key)
        return [str(one) for one in cast("list[object]", value)] if isinstance(value, list) else []

    def elements(self, key: str) -> Iterator[Place]:
        """Iterate over the elements of the array under *key*."""
        value = self.get(key)
        if isinstance(value, list):
            for index in range(len(cast("list[object]", value))):
                yield self.at(key, index)

    def refer(self, reference: str) -> Place:
        """Return the place that *reference* leads to from here.

        Raises:
            GeneratorError: It leads nowhere.
        """
        address, _, fragment = reference.partition("#")
        try:
            place = self._document(address)
        except GeneratorError as exc:
            raise GeneratorError(f"refers to {reference}, but {exc}", self.where) from None
        if fragment and not fragment.startswith("/"):
            keys = self.loader.names(place.path).anchors.get(fragment)
            if keys is None:
                raise GeneratorError(f"refers to the anchor {fragment}, which is not there",
                                     self.where)  # fmt: skip
            return self.loader.open(place.path).at(*keys)
        for part in fragment.split("/")[1:]:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            try:
                place = place.at(key)
            except GeneratorError:
                message = f"refers to {reference}, which is not there"
                raise GeneratorError(message, self.where) from None
        return place

    def _document(self, address: str) -> Place:
        """Return the schema or the document that this place calls *address*."""
        if not address:
            return self.loader.open(self.path)
        ids = self.loader.names(self.path).ids
        for name, keys in ids.items():
            # A relative name stands against the id of the document, if it has one.
            base = str(cast("Mapping[str, Any]", self.loader.document(self.path)).get("$id", ""))
            if address == name or urljoin(base, address) == urljoin(base, name):
                return self.loader.open(self.path).at(*keys)
        return self.loader.open(self.loader.target(self.path, address))

    @property
    def reference(self) -> str | None:
        """What its `$ref` says, or its `$dynamicRef`, which is read as the outermost anchor."""
        for word in ("$ref", "$dynamicRef"):
            found = self.get(word)
            if isinstance(found, str):
                return found
        return None

    def follow(self) -> Place:
        """Return this place, or where its `$ref` leads in the end.

        Raises:
            GeneratorError: It leads nowhere, or in a circle.
        """
        place, seen = self, [self.id]
        while (reference := place.reference) is not None:
            place = place.refer(reference)
            if place.id in seen:
                raise GeneratorError("refers to itself", self.where)
            seen.append(place.id)
        return place
