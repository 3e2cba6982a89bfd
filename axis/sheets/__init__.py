"""Tables for people: registers and reports as XLSX, CSV and a page made for printing.

A ``Report`` is one or more ``Sheet``s (``sheet.py``); its rows may come from the database while the
file is being made, so one shape serves all three formats: ``begin(sheet)``, ``row(mapping)``,
``end(totals)``, ``close()`` (``SheetWriter``). No format holds all rows in memory. ``export.py``
drives a report into a format and names the file.

What is in a cell was written by strangers. ``cell.py`` settles once what a value is: the *type* of
the value decides, never what its text looks like. Then each format keeps text from becoming code:
    xlsx   only typed writes, no formula and no link anywhere, cells formatted as text
    csv    a text a spreadsheet would run is prefixed with ``'``
    html   escaped by the template, no script, no outside resource, a policy that forbids both
What a format cannot hold is replaced visibly (U+FFFD) or cut with a note, never silently dropped;
only NUL is removed, from CSV. Times are told in Vietnam's zone; a time without a zone is refused.

The room knows the domain only: who may export, and the journal row that says so, are the hub's.
"""
