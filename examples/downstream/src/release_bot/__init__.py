"""Starts release runs, answers their approvals by rule, and keeps a board of what shipped."""

from release_bot.board import Board
from release_bot.bot import Outcome, release, release_async
from release_bot.rules import Rules

__all__ = ["Board", "Outcome", "Rules", "release", "release_async"]
