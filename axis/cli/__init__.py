"""The ``axis`` command. Noun and verb; data on standard output, everything else on standard error.

Exit codes: 0 done · 1 the answer is no (verify, lint, doctor) · 2 wrong usage · 3 not found · 4 refused ·
5 conflict · 6 try again later · 7 configuration or machine · 70 a fault of the program · 130 interrupted.
"""
