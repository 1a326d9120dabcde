"""What waits for a human, and the answers to it, checked before they are sent."""

from __future__ import annotations

from openwop._decisions._interrupts import (
    ApprovalInterrupt,
    ClarificationInterrupt,
    ConversationInterrupt,
    CredentialInterrupt,
    CustomInterrupt,
    ExternalEventInterrupt,
    Interrupt,
    LowConfidenceInterrupt,
)
from openwop._decisions._outcome import Decision, Progress
from openwop._decisions._values import (
    answers_for,
    approval,
    as_resume_value,
    check_value,
    choose,
    refine_feedback,
)

__all__ = [
    "ApprovalInterrupt",
    "ClarificationInterrupt",
    "ConversationInterrupt",
    "CredentialInterrupt",
    "CustomInterrupt",
    "Decision",
    "ExternalEventInterrupt",
    "Interrupt",
    "LowConfidenceInterrupt",
    "Progress",
    "answers_for",
    "approval",
    "as_resume_value",
    "check_value",
    "choose",
    "refine_feedback",
]
