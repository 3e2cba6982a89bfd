"""Deadlines that were missed, and the people who hear of it.

    watch      the sweep: who missed what, raised once
    messenger  carries what is to be told, until it arrives
    channels   a mail server, a unit's system
    letters    the words
"""
