"""Prints what Python's own csv module and openpyxl find in two lists of candidates, as JSON."""

import csv
import json
import sys

import openpyxl


def plain(value):
    return value.date().isoformat() + " (date)" if hasattr(value, "date") else value


with open(sys.argv[1], encoding="utf-8", newline="") as file:
    lines = list(csv.reader(file, strict=True))

book = openpyxl.load_workbook(sys.argv[2])
sheets = {}
for sheet in book.worksheets:
    sheets[sheet.title] = {
        "rows": [[plain(cell.value) for cell in row] for row in sheet.iter_rows()],
        "formulas": sum(cell.data_type == "f" for row in sheet.iter_rows() for cell in row),
        "frozen": sheet.freeze_panes,
        "filter": sheet.auto_filter.ref,
        "width": sheet.column_dimensions["A"].width,
    }
print(json.dumps({"csv": lines, "order": book.sheetnames, "sheets": sheets, "title": book.properties.title}))
