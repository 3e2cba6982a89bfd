"""The console's own suite: its table, its pages, its words and its parts."""
