"""Edge conditions and expression ports (v1-workflows.md section 1).

The protocol leaves the expression language to the engine.  Ours names values with dotted paths
(`variables.x`, `nodes.gate.outputs.action`, `inputs.x`, or a bare variable name) and compares them
with `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `and`, `or`, `not`.  It is parsed by Python and
evaluated by us: nothing but these operators exists.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from openwop_testing._json import JsonObject, as_object
from openwop_testing.engine.effects import NodeError
from openwop_testing.engine.run import Run

__all__ = ["evaluate", "holds"]

_COMPARE: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
_TEMPLATE = re.compile(r"^\s*(?:\{\{(.*)\}\}|\$\{(.*)\})\s*$", re.DOTALL)
_WORDS = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}


@lru_cache(maxsize=512)
def _parse(text: str) -> ast.expr:
    match = _TEMPLATE.match(text)
    inner = (match[1] or match[2]) if match else text
    inner = inner.replace("&&", " and ").replace("||", " or ").replace("===", "==")
    return ast.parse(inner.strip(), mode="eval").body


def evaluate(text: str, run: Run) -> Any:
    """Return the value of an expression over the state of *run*.

    Raises:
        NodeError: The expression cannot be read, or asks for an operator there is none of.
    """
    try:
        return _value(_parse(text), run)
    except (SyntaxError, TypeError, KeyError, AttributeError) as error:
        raise NodeError("node_config_invalid", f"Cannot evaluate {text!r}.") from error


def _value(node: ast.expr, run: Run) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            if name in _WORDS:
                return _WORDS[name]
            return _root(run).get(name, run.variables.get(name))
        case ast.Attribute(value=inner, attr=name):
            return as_object(_value(inner, run)).get(name)
        case ast.Subscript(value=inner, slice=index):
            return _value(inner, run)[_value(index, run)]
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item, run) for item in items]
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return not _value(inner, run)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, run)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_value(item, run) for item in values)
        case ast.BoolOp(values=values):
            return any(_value(item, run) for item in values)
        case ast.Compare(left=left, ops=ops, comparators=rights):
            current = _value(left, run)
            for op, right in zip(ops, rights, strict=True):
                other = _value(right, run)
                if not _COMPARE[type(op)](current, other):
                    return False
                current = other
            return True
        case _:
            raise SyntaxError(f"{type(node).__name__} is not part of the expression language")


def _root(run: Run) -> JsonObject:
    return {
        "variables": run.variables,
        "inputs": run.options.inputs,
        "nodes": {
            node.id: {"status": node.status, "outputs": node.outputs, "error": node.error}
            for node in run.nodes.values()
        },
    }


def _operand(value: Any, run: Run) -> Any:
    """Return what an operand of a condition stands for: a path or template, or itself."""
    if isinstance(value, str) and (
        _TEMPLATE.match(value) or re.match(r"^(variables|inputs|nodes)\.[\w.-]+$", value)
    ):
        return evaluate(value, run)
    return value


def holds(condition: JsonObject | None, run: Run) -> bool:
    """Tell whether an edge's condition holds; an edge without one always does."""
    if condition is None:
        return True
    kind = condition.get("type", "expression")
    if kind == "expression":
        return bool(evaluate(str(condition.get("expression", "false")), run))
    left, right = _operand(condition.get("left"), run), _operand(condition.get("right"), run)
    if kind == "equals":
        return bool(left == right)
    if kind == "notEquals":
        return bool(left != right)
    if kind == "contains":
        return right in left if isinstance(left, str | list | dict) else False
    return isinstance(left, str) and re.search(str(right), left) is not None
