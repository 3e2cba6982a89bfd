"""The books kept of the traffic: counted reports, lists, the three registers, the reconciliation.

    questions  what may be asked       reports   settles a question and answers it
    figures    counters -> measures    tables    the counted reports
    lists      returned, late, untaken registers the forms of Decree 30/2020
    balance    sent = what became of it files     a report as JSON, CSV, XLSX or HTML
"""
