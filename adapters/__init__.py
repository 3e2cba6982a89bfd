"""Ways out: one file per kind of agency system.

    mailbox    the unit's system fetches by itself
    webhook    a signed call tells the unit that something waits (Standard Webhooks 1.0)
    loopback   into memory or a folder: tests and try-outs
    skeleton   annotated, to copy

``answers`` is shared by the kinds that speak HTTP: it sends one request and turns whatever comes back,
or does not, into Delivered, Refused or Later. An adapter imports ``axis.adapter``, ``axis.domain`` and
``axis.webhooks``, and nothing else of the axis; the axis finds adapters by the entry-point group
``axis.adapters`` and never imports them. See docs/adapter-guide.md.
"""
