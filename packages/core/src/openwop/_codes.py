"""The protocol's error codes as a table to look in (v1.md section 5.3, v2.md section 5)."""

from __future__ import annotations

from openwop._generated.error_codes import ERROR_CODES, ErrorCode

__all__ = ["ERROR_CODES", "ErrorCode", "is_error_code", "is_retryable_code"]


def is_error_code(code: str) -> bool:
    """Tell whether the protocol registers *code*; hosts may answer codes of their own.

    Args:
        code: An error code, `APIStatusError.code`.
    """
    return code in ERROR_CODES


def is_retryable_code(code: str) -> bool:
    """Tell whether some major of the protocol lets the same request be repeated after *code*.

    Args:
        code: An error code, `APIStatusError.code`.
    """
    row = ERROR_CODES.get(code)
    return row is not None and (row.wait or any(row.retryable.values()))
