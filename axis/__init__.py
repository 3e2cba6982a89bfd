"""The document interconnection axis: receive, verify, route, deliver, track, prove.

Rooms, in the only direction imports may go:
domain <- edxml <- trust <- store <- hub <- fronts <- app <- cli. The walk of one document
through them is drawn in docs/architecture.md.
"""

__version__ = "0.1.0"
