"""Resume values: how they are made, and checked before they are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

from openwop._decisions._interrupts import Interrupt
from openwop._decisions._schema import check_schema
from openwop.errors import ConfigurationError

__all__ = [
    "answers_for",
    "approval",
    "as_resume_value",
    "check_value",
    "choose",
    "refine_feedback",
]

# The verbs of a handle, for whoever writes them in place of the protocol's actions.
_ACTIONS: Final = {
    "approve": "accept",
    "request_changes": "refine",
    "accept_edited": "edit-accept",
    "escalate": "ask",
}


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


def as_resume_value(interrupt: Interrupt, value: Any) -> Any:
    """Return the resume value that a function's answer to *interrupt* stands for.

    Args:
        interrupt: The interrupt.
        value: For an approval an action, a truth value, or the whole resume value; for a
            clarification what `answer` takes; for any other kind the resume value itself.

    Raises:
        ConfigurationError: It stands for none.
    """
    if interrupt.kind == "clarification":
        return answers_for(interrupt, value)
    if interrupt.kind != "approval":
        return value
    if isinstance(value, bool):
        return approval("accept" if value else "reject")
    if isinstance(value, str):
        return approval(_ACTIONS.get(value, value))
    if isinstance(value, Mapping):
        members = {str(name): item for name, item in cast("Mapping[Any, Any]", value).items()}
        return approval(str(members.pop("action", "accept")), **members)
    msg = (
        f"the answer to an approval is an action, a truth value or a mapping, not "
        f"{type(value).__name__}"
    )
    raise ConfigurationError(msg)


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

    With the extra `verify` it is held to the schemas that the host gave as well.

    Args:
        interrupt: The interrupt.
        value: The resume value.

    Raises:
        ConfigurationError: The action is not offered, lacks what it needs, a question is not asked,
            or the value does not fit its schema.
    """
    members: Mapping[str, Any] = (
        cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
    )
    if interrupt.kind == "approval" and members:
        _check_action(interrupt, members)
    if interrupt.kind == "clarification" and isinstance(members.get("answers"), Mapping):
        _check_answers(interrupt, cast("Mapping[str, Any]", members["answers"]))
    if interrupt.resume_schema is not None:
        check_schema(interrupt.resume_schema, value, f"the answer to node {interrupt.node_id}")


def _check_action(interrupt: Interrupt, members: Mapping[str, Any]) -> None:
    action, offered = members.get("action"), interrupt.actions
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


def _check_answers(interrupt: Interrupt, answers: Mapping[str, Any]) -> None:
    ids = [question for question, _ in interrupt.questions]
    wrong = sorted(set(answers) - set(ids)) if ids else []
    if wrong:
        msg = f"{', '.join(wrong)} is not asked; the questions are {', '.join(ids)}"
        raise ConfigurationError(msg)
    for question, schema in interrupt.schemas.items():
        if question in answers:
            check_schema(schema, answers[question], f"the answer to question {question}")


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
        msg = (
            f"run {run_id} does not wait for an answer: somebody was quicker, its time ran out, or "
            "it has not come that far; look at it with snapshot()"
        )
        raise ConfigurationError(msg)
    if len(pending) > 1:
        nodes = ", ".join(item.node_id for item in pending)
        msg = f"several nodes of run {run_id} wait ({nodes}); name one with node_id="
        raise ConfigurationError(msg)
    return pending[0]
