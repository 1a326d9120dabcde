"""What nodes reach beyond their run: memory, secrets, model answers, and what the host offers."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from openwop_testing._json import JsonObject

if TYPE_CHECKING:
    from openwop_testing.agents import AgentStore
    from openwop_testing.discovery import Capabilities
    from openwop_testing.prompts import PromptLibrary

__all__ = ["MemoryStore", "ModelAnswers", "Services"]


class MemoryStore:
    """The agents' memory: entries by tenant and memory reference."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], list[JsonObject]] = {}

    def write(self, tenant: str, ref: str, entry: JsonObject) -> None:
        """Add an entry."""
        self._entries.setdefault((tenant, ref), []).append(entry)

    def read(self, tenant: str, ref: str, now: float) -> list[JsonObject]:
        """Return the entries that a tenant has under a reference, expired ones left out."""
        found = self._entries.get((tenant, ref), [])
        return [copy.deepcopy(entry) for entry in found if entry.get("expiresAt", now + 1) > now]


class ModelAnswers:
    """What the mock model answers, per node: the answers in order, the last one for ever."""

    def __init__(self) -> None:
        self._programs: dict[str, list[JsonObject]] = {}
        self._calls: dict[str, int] = {}

    def program(self, node_id: str, answers: Iterable[Mapping[str, Any] | str]) -> None:
        """Script the answers of a node's calls.

        Args:
            node_id: The node.
            answers: Texts, or documents with `text`, `stopReason` and `refusalText`.
        """
        self._programs[node_id] = [
            {"text": answer} if isinstance(answer, str) else dict(answer) for answer in answers
        ]
        self._calls[node_id] = 0

    def next(self, node_id: str) -> JsonObject | None:
        """Return the answer to the next call of a node, or None where nothing is scripted."""
        program = self._programs.get(node_id)
        if not program:
            return None
        index = self._calls[node_id]
        self._calls[node_id] = index + 1
        return program[min(index, len(program) - 1)]


@attrs.define(eq=False)
class Services:
    """Everything that a node may ask the host for.

    Attributes:
        capabilities: What the host offers.
        prompts: The prompt library.
        agents: The agents and their deployments.
        memory: The agents' memory.
        models: The scripted answers of the mock model.
        secrets: The secrets by id; never shown.
    """

    capabilities: Capabilities
    prompts: PromptLibrary
    agents: AgentStore
    memory: MemoryStore = attrs.field(factory=MemoryStore)
    models: ModelAnswers = attrs.field(factory=ModelAnswers)
    secrets: dict[str, str] = attrs.field(factory=dict[str, str], repr=False)
