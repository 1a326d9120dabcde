"""What waits for an answer: one class per kind of interrupt, with what the request says typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, TypeVar, cast

import attrs

from openwop._generated.models import (
    ApprovalData,
    ClarificationData,
    ConversationExchangeData,
    CredentialData,
    CustomInterruptData,
    ExternalEventData,
    LowConfidenceData,
)
from openwop.errors import APIResponseValidationError
from openwop.runtime import Model, StructureError

__all__ = [
    "ApprovalInterrupt",
    "ClarificationInterrupt",
    "ConversationInterrupt",
    "CredentialInterrupt",
    "CustomInterrupt",
    "ExternalEventInterrupt",
    "Interrupt",
    "LowConfidenceInterrupt",
]

M = TypeVar("M", bound=Model)


@attrs.define(kw_only=True)
class Interrupt:
    """A node of a run that waits for an answer (v1.md section 13, v2.md section 14).

    Attributes:
        run_id: The run.
        node_id: The node that waits.
        kind: What it waits for: `approval`, `clarification`, `external-event`, ...; each kind has
            a class below this one, whose `request` is typed.
        key: The key of the request; it differs per visit of the node.
        interrupt_id: The interrupt's own id, where the host gave one.
        data: What the request says, as it came.
        resume_schema: The JSON Schema of the answer, where the host gave one.
        timeout_ms: For how long the answer is waited for, in milliseconds.
    """

    run_id: str
    node_id: str
    kind: str
    key: str = ""
    interrupt_id: str | None = None
    data: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False)
    resume_schema: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    timeout_ms: int | None = None

    @classmethod
    def from_payload(
        cls,
        run_id: str,
        node_id: str,
        payload: Mapping[str, Any],
        interrupt_id: str | None = None,
    ) -> Interrupt:
        """Return the interrupt that *payload* describes, in the class of its kind.

        Args:
            run_id: The run.
            node_id: The node that waits.
            payload: An interrupt payload.
            interrupt_id: The interrupt's own id.
        """
        data, schema = payload.get("data"), payload.get("resumeSchema")
        timeout, given = payload.get("timeoutMs"), payload.get("interruptId")
        return cls.of_kind(
            str(payload.get("kind") or ""),
            run_id=run_id,
            node_id=node_id,
            key=str(payload.get("key") or ""),
            interrupt_id=interrupt_id or (given if isinstance(given, str) else None),
            data=cast("Mapping[str, Any]", data) if isinstance(data, Mapping) else {},
            resume_schema=cast("Mapping[str, Any]", schema)
            if isinstance(schema, Mapping)
            else None,
            timeout_ms=timeout if isinstance(timeout, int) else None,
        )

    @classmethod
    def of_kind(cls, kind: str, **members: Any) -> Interrupt:
        """Return an interrupt of *kind*, in its class.

        Args:
            kind: The kind; one that is not known stays an `Interrupt`.
            **members: The other attributes.
        """
        return _CLASSES.get(kind, Interrupt)(kind=kind, **members)

    @property
    def title(self) -> str:
        """What a person is asked, as one line; empty where the host says nothing."""
        title = self.data.get("title")
        if isinstance(title, str):
            return title
        return "; ".join(question for _, question in self.questions)

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that an approval offers; empty where the host names none."""
        found = self.data.get("actions")
        items = cast("list[Any]", found) if isinstance(found, list) else []
        # The older event can only say `edit` where the newer one says `edit-accept`.
        return tuple("edit-accept" if item == "edit" else str(item) for item in items)

    @property
    def questions(self) -> tuple[tuple[str, str], ...]:
        """The questions of a clarification as pairs of id and text."""
        return tuple(
            (str(item.get("id", "")), str(item.get("question", ""))) for item in self._questions()
        )

    @property
    def schemas(self) -> Mapping[str, Mapping[str, Any]]:
        """The JSON Schemas of the answers to a clarification, by the id of the question."""
        return {
            str(item.get("id", "")): cast("Mapping[str, Any]", item["schema"])
            for item in self._questions()
            if isinstance(item.get("schema"), Mapping)
        }

    def _questions(self) -> list[Mapping[str, Any]]:
        found = self.data.get("questions")
        items = cast("list[Any]", found) if isinstance(found, list) else []
        return [cast("Mapping[str, Any]", item) for item in items if isinstance(item, Mapping)]

    def _request(self, model: type[M]) -> M:
        """Return what the request says as *model*."""
        try:
            return model.from_dict(self.data)
        except StructureError as exc:
            msg = f"the request of node {self.node_id} of run {self.run_id}: {exc}"
            raise APIResponseValidationError(msg, path=exc.path) from exc


class ApprovalInterrupt(Interrupt):
    """A decision is waited for: accept, reject, and what else the gate offers.

    Raises:
        APIResponseValidationError: `request`: the host left out or mistyped what the kind needs;
            `data` has it as it came.

    Section: v1.md §13.1, v2.md §14.
    """

    KIND: ClassVar[str] = "approval"

    @property
    def request(self) -> ApprovalData:
        """What is asked, typed."""
        return self._request(ApprovalData)


class ClarificationInterrupt(Interrupt):
    """Answers to questions are waited for.

    Raises:
        APIResponseValidationError: `request`: the host left out or mistyped what the kind needs;
            `data` has it as it came.

    Section: v1.md §13.1, v2.md §14.
    """

    KIND: ClassVar[str] = "clarification"

    @property
    def request(self) -> ClarificationData:
        """What is asked, typed."""
        return self._request(ClarificationData)


class ExternalEventInterrupt(Interrupt):
    """An event of another system is waited for.

    Raises:
        APIResponseValidationError: `request`: the host left out or mistyped what the kind needs;
            `data` has it as it came.

    Section: v1.md §13.10, v2.md §14.
    """

    KIND: ClassVar[str] = "external-event"

    @property
    def request(self) -> ExternalEventData:
        """What is asked, typed."""
        return self._request(ExternalEventData)


class CredentialInterrupt(Interrupt):
    """Somebody has to connect an account with a provider first.

    Raises:
        APIResponseValidationError: `request`: the host left out or mistyped what the kind needs;
            `data` has it as it came.

    Section: v2.md §14.
    """

    KIND: ClassVar[str] = "credential"

    @property
    def request(self) -> CredentialData:
        """What is asked, typed."""
        return self._request(CredentialData)


class LowConfidenceInterrupt(Interrupt):
    """An agent was less sure of its decision than it has to be, and wants it ratified.

    Raises:
        APIResponseValidationError: `request`: the host left out or mistyped what the kind needs;
            `data` has it as it came.

    Section: v1.md §13.1, v2.md §14.
    """

    KIND: ClassVar[str] = "low-confidence"

    @property
    def request(self) -> LowConfidenceData:
        """What is asked, typed."""
        return self._request(LowConfidenceData)


class ConversationInterrupt(Interrupt):
    """The next turn of a conversation is waited for.

    Raises:
        APIResponseValidationError: `request`: the host left out or mistyped what the kind needs;
            `data` has it as it came.

    Section: v1.md §13.1, v2.md §14.
    """

    KIND: ClassVar[str] = "conversation.exchange"

    @property
    def request(self) -> ConversationExchangeData:
        """What is asked, typed."""
        return self._request(ConversationExchangeData)


class CustomInterrupt(Interrupt):
    """Something of the workflow's own is waited for.

    Raises:
        APIResponseValidationError: `request`: the host left out or mistyped what the kind needs;
            `data` has it as it came.

    Section: v1.md §13.1, v2.md §14.
    """

    KIND: ClassVar[str] = "custom"

    @property
    def request(self) -> CustomInterruptData:
        """What is asked, typed."""
        return self._request(CustomInterruptData)


_CLASSES: Final[Mapping[str, type[Interrupt]]] = {
    kind.KIND: kind
    for kind in (
        ApprovalInterrupt,
        ClarificationInterrupt,
        ExternalEventInterrupt,
        CredentialInterrupt,
        LowConfidenceInterrupt,
        ConversationInterrupt,
        CustomInterrupt,
    )
}
