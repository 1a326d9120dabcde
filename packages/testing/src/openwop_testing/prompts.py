"""The prompt library: templates by id and version, and their rendering (v1.md sections 7.9, 23)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from openwop_testing._json import JsonObject, as_list, as_object, clone, compact, digest, is_number
from openwop_testing.problems import Problem, invalid, not_found

__all__ = ["Entry", "PromptLibrary", "Rendered", "version_key"]

Source: TypeAlias = Literal["host", "pack", "user"]
_REF = re.compile(r"prompt:([a-z0-9][a-z0-9._-]{0,127})(?:@(.+))?")
_SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)
_SLOT = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
_TYPES: Final[dict[str, Any]] = {
    "string": str,
    "boolean": bool,
    "array": list,
    "object": dict,
}


def version_key(version: str) -> tuple[Any, ...]:
    """Return what versions are ordered by: SemVer 2.0 precedence.

    Raises:
        Problem: 400: it is no version.
    """
    hit = _SEMVER.fullmatch(version)
    if hit is None:
        raise invalid("A version has the form 1.2.3.", field="version")
    core = tuple(int(part) for part in hit.group(1, 2, 3))
    if hit[4] is None:
        return (*core, (1,))
    parts = tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in hit[4].split(".")
    )
    return (*core, (0, *parts))


@attrs.frozen
class Entry:
    """One version of a template.

    Attributes:
        template: The template as it was given.
        source: Where it came from; only `user` ones can be changed.
        tenant: Whose it is; empty for everybody's.
        library: The library that holds it.
    """

    template: JsonObject
    source: Source = "user"
    tenant: str = ""
    library: str = "default"

    @property
    def template_id(self) -> str:
        """The template's id."""
        return str(self.template["templateId"])

    @property
    def version(self) -> str:
        """The template's version."""
        return str(self.template["version"])

    @property
    def ref(self) -> str:
        """The reference that names exactly this version."""
        return f"prompt:{self.template_id}@{self.version}"


@attrs.frozen
class Rendered:
    """A composed prompt."""

    text: str
    refs: tuple[str, ...]
    variables: dict[str, str]

    @property
    def hash(self) -> str:
        """The digest of the text, as the protocol writes it."""
        return "sha256:" + hashlib.sha256(self.text.encode()).hexdigest()


class PromptLibrary:
    """The templates of one host."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def add(
        self,
        template: Mapping[str, Any],
        *,
        source: Source = "host",
        tenant: str = "",
        library: str = "default",
    ) -> None:
        """Add a version of a template.

        Args:
            template: The template, as the protocol writes it.
            source: Where it comes from; only `user` ones can be changed by callers.
            tenant: Whose it is; empty for everybody's.
            library: The library that holds it.
        """
        self._entries.append(Entry(clone(dict(template)), source, tenant, library))

    def visible(self, tenant: str) -> list[Entry]:
        """Return what a tenant sees, by id and version, newest version first."""
        seen = [entry for entry in self._entries if entry.tenant in {"", tenant}]
        seen.sort(key=lambda entry: version_key(entry.version), reverse=True)
        return sorted(seen, key=lambda entry: entry.template_id)

    def find(
        self, tenant: str, template_id: str, version: str | None = None, library: str | None = None
    ) -> Entry:
        """Return a template, the newest version where none is named.

        Raises:
            Problem: 404: there is none; 400: several libraries hold it.
        """
        found = [
            entry
            for entry in self.visible(tenant)
            if entry.template_id == template_id
            and version in {None, entry.version}
            and library in {None, entry.library}
        ]
        if not found:
            raise not_found("The prompt template")
        if len({entry.library for entry in found}) > 1:
            raise Problem(
                400,
                "prompt_ref_ambiguous",
                "Several libraries hold this template; name one with libraryId.",
                details={"field": "libraryId"},
            )
        return found[0]

    def create(self, tenant: str, template: JsonObject) -> Entry:
        """Store a caller's template.

        Raises:
            Problem: 409 `conflict`: this version exists.
        """
        for entry in self.visible(tenant):
            same = (entry.template_id, entry.version)
            if same == (template["templateId"], template["version"]):
                raise Problem(409, "version_conflict", "This version of the template exists.")
        self.add(template, source="user", tenant=tenant)
        return self._entries[-1]

    def update(self, tenant: str, template_id: str, template: JsonObject) -> Entry:
        """Store a higher version of a caller's template.

        Raises:
            Problem: 403: it is not the caller's; 409: the version is not higher.
        """
        current = self.find(tenant, template_id)
        _refuse_read_only(current)
        if template["templateId"] != template_id:
            raise invalid("templateId is that of the path.", field="templateId")
        if version_key(template["version"]) <= version_key(current.version):
            raise Problem(409, "version_conflict", "The version is not higher than the last one.")
        self.add(template, source="user", tenant=tenant)
        return self._entries[-1]

    def delete(self, tenant: str, template_id: str, version: str | None) -> None:
        """Remove a caller's template, or one version of it.

        Raises:
            Problem: 403: it is not the caller's; 404: there is none.
        """
        found = self.find(tenant, template_id, version)
        _refuse_read_only(found)
        self._entries = [
            entry
            for entry in self._entries
            if not (
                entry.template_id == template_id
                and entry.tenant == tenant
                and version in {None, entry.version}
            )
        ]

    def resolve(self, tenant: str, ref: Any) -> Entry:
        """Return the template that a reference names.

        Raises:
            Problem: 400: it is no reference; 404: nothing has it.
        """
        if isinstance(ref, str):
            hit = _REF.fullmatch(ref)
            if hit is None:
                raise Problem(400, "prompt_ref_invalid", "A reference is prompt:<id>[@<version>].")
            return self.find(tenant, hit[1], hit[2])
        parts = as_object(ref)
        return self.find(
            tenant, str(parts.get("templateId")), parts.get("version"), parts.get("libraryId")
        )

    def render(self, tenant: str, ref: Any, variables: Mapping[str, Any]) -> Rendered:
        """Compose a prompt.

        Raises:
            Problem: 400: a variable is missing or of another type; 404: nothing has the reference.
        """
        entry = self.resolve(tenant, ref)
        values: JsonObject = {}
        for declared in as_list(entry.template.get("variables")):
            value = variables.get(declared["name"], declared.get("defaultValue"))
            if value is None:
                if declared.get("required"):
                    raise Problem(
                        400,
                        "prompt_variable_unresolved",
                        f"The variable {declared['name']!r} has no value.",
                        details={"variable": declared["name"]},
                    )
                continue
            _check_type(declared, value)
            values[declared["name"]] = value

        def fill(match: re.Match[str]) -> str:
            value = values.get(match[1], variables.get(match[1], match[0]))
            return value if isinstance(value, str) else compact(value)

        text = _SLOT.sub(fill, str(entry.template["text"]))
        hashes = {name: "sha256:" + digest(value) for name, value in values.items()}
        return Rendered(text, (entry.ref,), hashes)


def _refuse_read_only(entry: Entry) -> None:
    if entry.source != "user":
        raise Problem(403, "forbidden", "The template comes with the host and cannot be changed.")


def _check_type(declared: JsonObject, value: Any) -> None:
    kind = declared.get("type")
    fits = (
        is_number(value) if kind == "number" else isinstance(value, _TYPES.get(str(kind), object))
    )
    if not fits:
        raise Problem(
            400,
            "prompt_variable_type_mismatch",
            f"The variable {declared['name']!r} is of type {kind}.",
            details={"variable": declared["name"]},
        )
