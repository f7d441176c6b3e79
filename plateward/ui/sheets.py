"""Cells of the tables that people take away as CSV files and open in spreadsheets."""

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: much of it was typed by people."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
