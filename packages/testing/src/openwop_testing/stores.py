"""Small stores of the host: tools, content pages, workspace files, connections, plugins, packs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from openwop_testing._json import JsonObject, as_object, clone

__all__ = ["ContentStore", "Plugin", "Tool", "ToolCatalog", "WorkspaceFiles"]


@attrs.frozen
class Tool:
    """A tool of the catalogue, and whom it may be shown to."""

    descriptor: JsonObject
    tenant: str = ""
    scope: str = ""


class ToolCatalog:
    """The tools that runs may call."""

    def __init__(self) -> None:
        self._tools: dict[str, Tool] = {}

    def add(
        self,
        tool_id: str,
        *,
        source: str = "host-extension",
        safety: str = "read",
        tenant: str = "",
        scope: str = "",
        **members: Any,
    ) -> None:
        """Add a tool.

        Args:
            tool_id: Its id, `<scope>:<name>`.
            source: Where it comes from.
            safety: Its safety tier: `pure`, `read`, `write` or `exec`.
            tenant: Whose it is; empty for everybody's.
            scope: The scope that a caller needs to see it.
            **members: Further members of the descriptor, such as `title` or `inputSchema`.
        """
        descriptor = {"toolId": tool_id, "source": source, "safetyTier": safety, **members}
        self._tools[tool_id] = Tool(descriptor, tenant, scope)

    def visible(self, tenant: str, scopes: frozenset[str]) -> list[JsonObject]:
        """Return what a caller may see, by id."""
        return [
            clone(tool.descriptor)
            for _, tool in sorted(self._tools.items())
            if tool.tenant in {"", tenant} and (not tool.scope or tool.scope in scopes)
        ]


class ContentStore:
    """Localised pages: one base language, and what other languages change of it."""

    def __init__(self) -> None:
        self.pages: dict[tuple[str, str], JsonObject] = {}
        self.sections: dict[tuple[str, str, str], JsonObject] = {}
        self.settings: dict[str, JsonObject] = {}

    def settings_of(self, tenant: str, default: str, supported: list[Any]) -> JsonObject:
        """Return the language settings of a tenant."""
        return self.settings.setdefault(
            tenant,
            {
                "baseLocale": default,
                "supportedLocales": [name for name in supported if name != default],
                "autoTranslateOnPublish": False,
            },
        )

    def put_section(
        self, tenant: str, page_id: str, section_id: str, locale: str, data: JsonObject, base: str
    ) -> JsonObject:
        """Write a section in one language: the base's data, or what this language changes."""
        section = self.sections.setdefault(
            (tenant, page_id, section_id),
            {
                "sectionId": section_id,
                "sectionType": "text",
                "data": {},
                "localizations": {},
                "status": "published",
                "enabled": True,
                "order": len(self.sections),
            },
        )
        if locale == base:
            section["data"] = clone(data)
        else:
            as_object(section["localizations"])[locale] = clone(data)
        return section

    def rendered(self, tenant: str, page: JsonObject, locale: str, base: str) -> list[JsonObject]:
        """Return the published sections of a page in a language, in the page's order."""
        shown: list[JsonObject] = []
        for section_id in page["sectionOrder"]:
            section = self.sections.get((tenant, page["pageId"], section_id))
            if section is None or section["status"] != "published" or not section["enabled"]:
                continue
            changes = as_object(section["localizations"])
            best = next((name for name in _fallbacks(locale, changes) if name in changes), None)
            data = dict(section["data"])
            if locale != base and best is not None:
                data.update(changes[best])
            shown.append(
                {
                    "sectionId": section_id,
                    "sectionType": section["sectionType"],
                    "data": clone(data),
                }
            )
        return shown


def _fallbacks(locale: str, known: Mapping[str, Any]) -> list[str]:
    """Return where to look for a language: itself, then its family."""
    language = locale.partition("-")[0]
    family = [name for name in known if name.partition("-")[0] == language and name != locale]
    return [locale, language, *sorted(family)]


class WorkspaceFiles:
    """The files of each workspace, with their versions."""

    def __init__(self) -> None:
        self._files: dict[tuple[str, str, str], list[JsonObject]] = {}

    def put(
        self, owner: tuple[str, str], path: str, content: str, content_type: str, at: str
    ) -> JsonObject:
        """Write a file and return its new version."""
        versions = self._files.setdefault((*owner, path), [])
        version = versions[-1]["version"] + 1 if versions else 1
        mark = hashlib.sha256(f"{version}:{content}".encode()).hexdigest()[:16]
        document: JsonObject = {
            "path": path,
            "content": content,
            "contentType": content_type,
            "version": version,
            "etag": f'"{mark}"',
            "updatedAt": at,
        }
        versions.append(document)
        return document

    def get(self, owner: tuple[str, str], path: str, version: int | None) -> JsonObject | None:
        """Return a file, or one version of it."""
        versions = self._files.get((*owner, path), [])
        if version is None:
            return versions[-1] if versions else None
        return next((entry for entry in versions if entry["version"] == version), None)

    def delete(self, owner: tuple[str, str], path: str) -> int | None:
        """Remove a file; return the version that it had, or None where there was none."""
        versions = self._files.pop((*owner, path), None)
        return None if not versions else int(versions[-1]["version"])

    def list(self, owner: tuple[str, str], prefix: str) -> list[JsonObject]:
        """Return the files below a prefix, by path."""
        found = [
            versions[-1]
            for (tenant, workspace, path), versions in self._files.items()
            if (tenant, workspace) == owner and path.startswith(prefix)
        ]
        return sorted(found, key=lambda entry: str(entry["path"]))


@attrs.frozen
class Plugin:
    """A UI plugin: its frame, and the methods that it may call.

    Attributes:
        html: The document of its frame.
        methods: What it may call, by name.
    """

    html: str
    methods: Mapping[str, Callable[[JsonObject], Any]] = attrs.field(factory=dict[str, Any])
