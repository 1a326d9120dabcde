"""How lists continue: as a document or the configuration says, or as the usual names tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import attrs

from openwop_codegen.config import Config
from openwop_codegen.diagnostics import Report
from openwop_codegen.ir import Answer, Argument, Items, Named, Object, Page, Type, Values
from openwop_codegen.loader import Place
from openwop_codegen.names import snake
from openwop_codegen.schemas import SchemaReader

__all__ = ["PageReader"]

_NEXT: Final = frozenset({"next_cursor", "next_page_token", "next_token"})
_CURSOR: Final = frozenset({"cursor", "page_token", "next_token", "starting_after"})


class PageReader:
    """Reads how the lists of one variant continue.

    Args:
        config: The configuration.
        report: What takes the findings.
        variant: The variant that is read.
        schemas: What reads the schemas.
    """

    def __init__(self, config: Config, report: Report, variant: str, schemas: SchemaReader) -> None:
        self.config = config
        self.report = report
        self.variant = variant
        self.schemas = schemas

    def _detected(self, answer: Answer, arguments: Sequence[Argument]) -> dict[str, str] | None:
        """Return how a list continues whose answer and arguments have the usual names."""
        kind = answer.type
        declared = self.schemas.declarations.get(kind.name) if isinstance(kind, Named) else None
        if not isinstance(declared, Object):
            return None
        lists = [field.wire for field in declared.fields if isinstance(field.type, Items)]
        nexts = [field.wire for field in declared.fields if snake(field.wire) in _NEXT]
        wires = {argument.places[self.variant][0].wire: argument for argument in arguments}
        cursors = [wire for wire in wires if snake(wire) in _CURSOR]
        if len(lists) != 1 or len(nexts) != 1 or len(cursors) != 1 or answer.nullable:
            return None
        sizes = [wire for wire in wires if snake(wire) in {"limit", "page_size", "per_page"}]
        return {
            "items": lists[0],
            "next": nexts[0],
            "argument": cursors[0],
            "size": sizes[0] if sizes else "",
        }

    def of(self, place: Place, answer: Answer, arguments: Sequence[Argument]) -> Page | None:
        """Return how the list of one operation continues; None where it does not.

        Args:
            place: The operation.
            answer: What it answers.
            arguments: What it takes.
        """
        ext = self.config.extensions
        told = place.get(ext.paging) if ext.paging else None
        op_id = str(place.get("operationId"))
        if op_id in self.config.paging:
            told = attrs.asdict(self.config.paging[op_id])
        elif told is None and self.config.detect_paging:
            told = self._detected(answer, arguments)
        if not isinstance(told, dict):
            return None
        table = cast("Mapping[str, Any]", told)
        item = self._item_type(answer.type, str(table.get("items", "")))
        if item is None:
            self.report.error(place.where, "paging", "the answer has no such list of items")
            return None
        return Page(
            items=str(table.get("items", "")),
            item=item,
            next=str(table.get("next", "")),
            argument=str(table.get("argument", "")),
            size=str(table.get("size", "")),
            style=table.get("style", "cursor"),
            first=int(table.get("first", 0)),
        )

    def _item_type(self, answer: Type | None, member: str) -> Type | None:
        if not member:
            return answer.item if isinstance(answer, Items) else None
        declared = self.schemas.declarations.get(answer.name) if isinstance(answer, Named) else None
        if not isinstance(declared, Object):
            return None
        for field in declared.fields:
            if field.wire == member:
                if isinstance(field.type, Items):
                    return field.type.item
                return field.type.value if isinstance(field.type, Values) else None
        return None
