"""What a result is: the types of value, table and figure text that every step writes."""

from analysis.record.checksums import checked
from analysis.record.display import MISSING, show, typographic
from analysis.record.figure import FigureText
from analysis.record.files import Record, read_json, write_atomically, write_json
from analysis.record.table import FEATURE, Cell, Column, Row, Table, repeated
from analysis.record.value import Value, snake

__all__ = [
    "FEATURE",
    "MISSING",
    "Cell",
    "Column",
    "FigureText",
    "Record",
    "Row",
    "Table",
    "Value",
    "checked",
    "read_json",
    "repeated",
    "show",
    "snake",
    "typographic",
    "write_atomically",
    "write_json",
]
