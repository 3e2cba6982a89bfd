"""The console: pages for clerks, operators and auditors, in Vietnamese and English.

Every page is plain HTML that works without a script; htmx replaces parts of it where a script may run.

    routes.py    the table: method, path, handler, who may call it, whose data it shows. Nothing is
                 reachable that does not stand there, and tests draw the matrix of access from it
    app.py       Console: an aiohttp application under /console that holds everybody to the table
    errors.py    every failure as a page; what is forbidden looks exactly like what does not exist
    bodies.py    forms are read when it is known who sends them, and only as far as that person may send
    sight.py     ``page``: all a template sees of the request; settings.py what the composition root says
    language.py  which language and theme, and how a browser keeps a choice
    templating.py  the template environment
    pages.py     render, redirect, forms, notes for the next page
    paging.py    cursors in the URL, so that a list never counts and never jumps
    texts.py     gettext: the source is Vietnamese, English stands in locales/en/LC_MESSAGES/*.po
    filters.py   dates, numbers and other people's text in templates
    marks.py     status, urgency and deadline as icon + word + colour
    charts.py    figures drawn from the table that stands beside them
    assets.py    our own static files, named by their content
    help.py      a page of help for each page

A request walks: ``errors`` (outermost, so that nothing escapes as anything but a page), *who is calling*
(``identity``, given by the composition root: sets PERSON and SESSION of the request), the form and how large it
may be, its CSRF token (``identity`` too), language, the table, the handler.

Modules of pages (home, clerk, operator, ...) export ``ROUTES``, and where they have them ``HELP`` (topics)
and ``NEEDS`` (keys of what the composition root must provide). They stand in the list of ``app.py``.
Handlers get at what they need by ``pages.tool(request, KEY)``.
"""
