"""Words and rules of the trade. Pure: no I/O, the standard library only."""
