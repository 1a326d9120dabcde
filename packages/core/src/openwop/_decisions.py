"""What waits for a human, and the answers to it, checked before they are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias, cast

import attrs

from openwop.errors import ConfigurationError

__all__ = [
    "Decision",
    "Interrupt",
    "Progress",
    "answers_for",
    "approval",
    "check_value",
    "choose",
    "refine_feedback",
]

Outcome: TypeAlias = Literal["won", "unknown"]


@attrs.define(kw_only=True)
class Interrupt:
    """A node of a run that waits for an answer (v1.md section 13, v2.md section 14).

    Attributes:
        run_id: The run.
        node_id: The node that waits.
        kind: What it waits for: `approval`, `clarification`, `external-event`, ...
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
        """Return the interrupt that *payload* describes.

        Args:
            run_id: The run.
            node_id: The node that waits.
            payload: An interrupt payload.
            interrupt_id: The interrupt's own id.
        """
        data, schema = payload.get("data"), payload.get("resumeSchema")
        timeout = payload.get("timeoutMs")
        return cls(
            run_id=run_id,
            node_id=node_id,
            kind=str(payload.get("kind") or ""),
            key=str(payload.get("key") or ""),
            interrupt_id=interrupt_id or payload.get("interruptId"),
            data=cast("Mapping[str, Any]", data) if isinstance(data, Mapping) else {},
            resume_schema=cast("Mapping[str, Any]", schema)
            if isinstance(schema, Mapping)
            else None,
            timeout_ms=timeout if isinstance(timeout, int) else None,
        )

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
        found = self.data.get("questions")
        items = cast("list[Any]", found) if isinstance(found, list) else []
        asked = [cast("Mapping[str, Any]", item) for item in items if isinstance(item, Mapping)]
        return tuple((str(q.get("id", "")), str(q.get("question", ""))) for q in asked)


@attrs.frozen
class Progress:
    """How far a decision of several people has come.

    Attributes:
        granted: How many have agreed.
        required: How many have to.
    """

    granted: int
    required: int


@attrs.frozen
class Decision:
    """What came of a decision.

    Attributes:
        outcome: `won`: the host took it.  `unknown`: the answer got lost, and somebody has decided
            since; whether it was this decision cannot be told.
        node_id: The node that it was for.
        status: The status of the run right after, where the host told.
        progress: How far a decision of several people has come, where the host told.
    """

    outcome: Outcome
    node_id: str
    status: str | None = None
    progress: Progress | None = None


def approval(action: str, **members: Any) -> dict[str, Any]:
    """Return the resume value of an approval (v1.md section 13.2).

    Args:
        action: The action.
        members: Its companions by wire name; None leaves one out.
    """
    value: dict[str, Any] = {"action": action}
    value.update({name: item for name, item in members.items() if item is not None})
    # Major 2 wants the time of the decision, major 1 takes it.
    value.setdefault("decidedAt", datetime.now(UTC).isoformat().replace("+00:00", "Z"))
    return value


def refine_feedback(
    scope: str,
    section_path: str | None,
    item_ids: Sequence[str] | None,
    tags: Sequence[str] | None,
    text: str | None,
) -> dict[str, Any]:
    """Return the companion of `refine` (v1.md section 13.2).

    Args:
        scope: `whole`, `section` or `items`.
        section_path: The section, with the scope `section`.
        item_ids: The items, with the scope `items`.
        tags: Labels for the workflow.
        text: What should change.

    Raises:
        ConfigurationError: The scope does not exist, or lacks what it points to.
    """
    if scope not in {"whole", "section", "items"}:
        msg = f"scope is {scope!r}; it is 'whole', 'section' or 'items'"
        raise ConfigurationError(msg)
    if scope == "section" and not section_path:
        msg = "scope='section' needs section_path=, the section that should change"
        raise ConfigurationError(msg)
    if scope == "items" and not item_ids:
        msg = "scope='items' needs item_ids=, the items that should change"
        raise ConfigurationError(msg)
    members: dict[str, Any] = {
        "sectionPath": section_path,
        "itemIds": list(item_ids) if item_ids is not None else None,
        "tags": list(tags) if tags is not None else None,
        "text": text,
    }
    return {"scope": scope, **{name: item for name, item in members.items() if item is not None}}


def answers_for(interrupt: Interrupt | None, value: Any) -> dict[str, Any]:
    """Return the resume value of a clarification.

    Args:
        interrupt: The interrupt, where it is known.
        value: The answer to the one question, or a mapping of question id to answer.

    Raises:
        ConfigurationError: One answer was given to several questions, or an id is not asked.
    """
    ids = [question for question, _ in interrupt.questions] if interrupt is not None else []
    if isinstance(value, Mapping):
        answers = {str(key): item for key, item in cast("Mapping[Any, Any]", value).items()}
        if set(answers) == {"answers"} and isinstance(answers["answers"], Mapping):
            answers = dict(cast("Mapping[str, Any]", answers["answers"]))
        if len(ids) == 1 and not set(answers) & set(ids):
            return {"answers": {ids[0]: value}}  # the answer itself is an object
        wrong = sorted(set(answers) - set(ids)) if ids else []
        if wrong:
            msg = f"answer(): {', '.join(wrong)} is not asked; the questions are {', '.join(ids)}"
            raise ConfigurationError(msg)
        return {"answers": answers}
    if len(ids) == 1:
        return {"answers": {ids[0]: value}}
    if not ids:
        msg = "answer(): the questions are not known; pass {question id: answer}"
        raise ConfigurationError(msg)
    msg = f"answer(): several questions wait ({', '.join(ids)}); pass {{question id: answer}}"
    raise ConfigurationError(msg)


def check_value(interrupt: Interrupt, value: Any) -> None:
    """Check a resume value against what the interrupt offers, before it is sent.

    Args:
        interrupt: The interrupt.
        value: The resume value.

    Raises:
        ConfigurationError: The action is not offered, or lacks what it needs.
    """
    if interrupt.kind != "approval" or not isinstance(value, Mapping):
        return
    members = cast("Mapping[str, Any]", value)
    action = members.get("action")
    offered = interrupt.actions
    if action is not None and offered and action not in offered:
        msg = (
            f"node {interrupt.node_id} does not offer {action!r}; it offers "
            f"{', '.join(offered)}. check=False leaves the check to the host"
        )
        raise ConfigurationError(msg)
    if action == "refine" and not members.get("refineFeedback"):
        msg = "'refine' needs feedback: what should be changed, and where"
        raise ConfigurationError(msg)
    if action == "edit-accept" and "editedArtifactData" not in members:
        msg = "'edit-accept' needs the edited artifact"
        raise ConfigurationError(msg)


def choose(pending: Sequence[Interrupt], node_id: str | None, run_id: str) -> Interrupt:
    """Return the interrupt that a decision is for.

    Args:
        pending: What waits.
        node_id: The node, where the caller named one.
        run_id: The run.

    Raises:
        ConfigurationError: Nothing waits there, or several nodes wait and none was named.
    """
    if node_id is not None:
        for interrupt in pending:
            if interrupt.node_id == node_id:
                return interrupt
        waiting = ", ".join(item.node_id for item in pending) or "no node"
        msg = f"node {node_id} of run {run_id} does not wait for an answer; {waiting} does"
        raise ConfigurationError(msg)
    if not pending:
        msg = f"run {run_id} does not wait for an answer"
        raise ConfigurationError(msg)
    if len(pending) > 1:
        nodes = ", ".join(item.node_id for item in pending)
        msg = f"several nodes of run {run_id} wait ({nodes}); name one with node_id="
        raise ConfigurationError(msg)
    return pending[0]
