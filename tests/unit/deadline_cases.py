"""Deadlines worked out by hand, each with its reasoning: (rule, given, priority, expected, why).

Days are those of decision-28.md section 6 and of the holidays library, nothing else. Moments without a
zone are Vietnam's. ``given`` is the promulgation date of ``send``, the moment of arrival of ``arrival`` and
``register``, the DueDate of ``finish`` and the deadline of ``escalate``. Office hours 08-12 and 13-17.
"""

from __future__ import annotations

Case = tuple[str, str, int, str, str]

SENDING: list[Case] = [
    ("send", "2019-06-04", 0, "2019-06-05 12:00", "signed on a Tuesday: the morning of Wednesday"),
    ("send", "2019-06-07", 0, "2019-06-10 12:00", "signed on a Friday: the morning of Monday"),
    ("send", "2019-06-08", 0, "2019-06-10 12:00", "signed on a Saturday: the next working day is Monday"),
    ("send", "2019-06-09", 0, "2019-06-10 12:00", "signed on a Sunday: Monday too"),
    ("send", "2019-02-01", 0, "2019-02-11 12:00", "the Friday before Tết 02-10/02/2019: Monday after it"),
    ("send", "2019-02-05", 0, "2019-02-11 12:00", "dated inside Tết: the first working day after it"),
    ("send", "2020-01-22", 0, "2020-01-30 12:00", "the Wednesday before Tết 23-29/01/2020: Thursday 30"),
    ("send", "2018-12-28", 0, "2019-01-02 12:00", "weekend, 31/12/2018 off, New Year: Wednesday 02/01"),
    ("send", "2018-12-31", 0, "2019-01-02 12:00", "dated on the day off itself; New Year is off too"),
    ("send", "2019-01-04", 0, "2019-01-05 12:00", "Friday, but Saturday 05/01/2019 is worked: its morning"),
    ("send", "2019-01-05", 0, "2019-01-07 12:00", "signed on the worked Saturday: Monday"),
    ("send", "2019-04-26", 0, "2019-05-02 12:00", "weekend, 29/4 off, 30/4, 1/5: Thursday 02/5/2019"),
    ("send", "2019-05-03", 0, "2019-05-04 12:00", "Friday, and Saturday 04/5/2019 is worked"),
    ("send", "2019-05-04", 0, "2019-05-06 12:00", "the worked Saturday: Monday"),
    ("send", "2024-04-26", 0, "2024-05-02 12:00", "weekend, 29/4/2024 off, 30/4, 1/5: Thursday"),
    ("send", "2024-05-03", 0, "2024-05-04 12:00", "Saturday 04/5/2024 is worked"),
    ("send", "2025-04-25", 0, "2025-04-26 12:00", "Friday, and Saturday 26/4/2025 is worked"),
    ("send", "2025-04-29", 0, "2025-05-05 12:00", "30/4, 1/5, 02/5/2025 off, weekend: Monday"),
    ("send", "2026-08-21", 0, "2026-08-22 12:00", "Saturday 22/8/2026 is worked"),
    ("send", "2026-08-28", 0, "2026-09-03 12:00", "weekend, 31/8/2026 off, National Day 1 and 2/9: Thursday"),
    ("send", "2026-11-23", 0, "2026-11-25 12:00", "24/11 is a holiday from 2026"),
    ("send", "2025-11-23", 0, "2025-11-24 12:00", "a Sunday; 24/11/2025 was an ordinary Monday"),
    ("send", "2019-12-31", 0, "2020-01-02 12:00", "over the year's end: New Year, then Thursday"),
    ("send", "2021-12-31", 0, "2022-01-04 12:00", "New Year on a Saturday is compensated on Monday 03/01: Tuesday"),
    ("send", "2019-06-04", 1, "2019-06-05 00:00", "urgent: immediately; the day of signing ends at 24:00"),
    ("send", "2019-06-08", 2, "2019-06-09 00:00", "urgent on a Saturday: still that day, rest or not"),
    ("send", "2019-02-05", 3, "2019-02-06 00:00", "urgent on the first day of Tết: still that day"),
    ("send", "2018-12-31", 4, "2019-01-01 00:00", "urgent on the last day of a year: midnight is next year"),
]

ARRIVAL: list[Case] = [
    ("arrival", "2019-06-04 09:00", 0, "2019-06-04 17:00", "in office hours: the same day"),
    ("arrival", "2019-06-04 00:00", 0, "2019-06-04 17:00", "at midnight a new day begins: that day"),
    ("arrival", "2019-06-04 07:00", 0, "2019-06-04 17:00", "before the office opens: the same day"),
    ("arrival", "2019-06-04 12:30", 0, "2019-06-04 17:00", "at noon break: the same day"),
    ("arrival", "2019-06-04 16:59", 0, "2019-06-04 17:00", "a minute before closing: the same day still"),
    ("arrival", "2019-06-04 17:00", 0, "2019-06-05 17:00", "17:00 sharp: nobody is there any more, next day"),
    ("arrival", "2019-06-04 22:00", 0, "2019-06-05 17:00", "after hours: the next working day"),
    ("arrival", "2019-06-07 18:00", 0, "2019-06-10 17:00", "Friday evening: Monday"),
    ("arrival", "2019-06-08 10:00", 0, "2019-06-10 17:00", "Saturday: Monday"),
    ("arrival", "2019-01-05 10:00", 0, "2019-01-05 17:00", "the worked Saturday is a day like any other"),
    ("arrival", "2018-12-31 10:00", 0, "2019-01-02 17:00", "31/12/2018 is off, New Year too"),
    ("arrival", "2019-02-01 16:00", 0, "2019-02-01 17:00", "the last hour before Tết: an hour is left"),
    ("arrival", "2019-02-01 17:30", 0, "2019-02-11 17:00", "after closing before Tết: the day after it"),
    ("arrival", "2020-01-25 08:00", 0, "2020-01-30 17:00", "on the first day of Tết Canh Tý: Thursday 30"),
    ("arrival", "2019-09-03 09:00", 0, "2019-09-03 17:00", "National Day 2019 is one day: the 3rd is worked"),
    ("arrival", "2020-09-03 09:00", 0, "2020-09-03 17:00", "one day in 2020 too"),
    ("arrival", "2021-09-03 09:00", 0, "2021-09-06 17:00", "two days from 2021: 2 and 3/9, then the weekend"),
    ("arrival", "2019-06-04T17:30Z", 0, "2019-06-05 17:00", "17:30 UTC is 00:30 of Wednesday in Vietnam"),
    ("arrival", "2019-06-04 09:00", 3, "2019-06-04 17:00", "urgency does not change when arrival is told"),
]

REGISTER: list[Case] = [
    ("register", "2019-06-04 09:00", 0, "2019-06-05 17:00", "first day not counted: closing of Wednesday"),
    ("register", "2019-06-04 00:10", 0, "2019-06-05 17:00", "the calendar day counts, not the office hour"),
    ("register", "2019-06-04 23:59", 0, "2019-06-05 17:00", "a minute before midnight it is still Tuesday"),
    ("register", "2019-06-07 16:00", 0, "2019-06-10 17:00", "Friday: Monday"),
    ("register", "2019-06-08 10:00", 0, "2019-06-10 17:00", "Saturday is the day not counted: Monday"),
    ("register", "2019-06-05T17:30Z", 0, "2019-06-07 17:00", "00:30 of Thursday in Vietnam: Friday"),
    ("register", "2019-02-01 16:00", 0, "2019-02-11 17:00", "Tết 02-10/02/2019 in between"),
    ("register", "2020-01-22 09:00", 0, "2020-01-30 17:00", "Tết 23-29/01/2020 in between"),
    ("register", "2018-12-28 10:00", 0, "2019-01-02 17:00", "weekend, day off, New Year"),
    ("register", "2019-01-04 10:00", 0, "2019-01-05 17:00", "the next working day is the worked Saturday"),
    ("register", "2019-04-12 10:00", 0, "2019-04-16 17:00", "Hùng Kings on Sunday 14/4 compensated on Monday 15"),
    ("register", "2021-04-29 10:00", 0, "2021-05-04 17:00", "30/4, then 1/5 on a Saturday compensated on Monday"),
    ("register", "2022-04-29 10:00", 0, "2022-05-04 17:00", "30/4 and 1/5 on a weekend: Monday and Tuesday off"),
    ("register", "2026-11-23 10:00", 0, "2026-11-25 17:00", "24/11/2026 in between"),
    ("register", "2029-11-23 10:00", 0, "2029-11-26 17:00", "24/11/2029 is a Saturday and brings no make-up"),
    ("register", "2019-06-04 09:00", 1, "2019-06-04 10:00", "urgent: sixty working minutes"),
    ("register", "2019-06-04 11:00", 1, "2019-06-04 12:00", "they end with the morning, not at 13:00"),
    ("register", "2019-06-04 11:30", 2, "2019-06-04 13:30", "thirty minutes before noon, thirty after"),
    ("register", "2019-06-04 11:59", 1, "2019-06-04 13:59", "one minute before noon, fifty-nine after"),
    ("register", "2019-06-04 12:00", 1, "2019-06-04 14:00", "noon sharp: the morning is over"),
    ("register", "2019-06-04 12:30", 1, "2019-06-04 14:00", "in the break: it starts at 13:00"),
    ("register", "2019-06-04 13:00", 4, "2019-06-04 14:00", "13:00 sharp: the afternoon has begun"),
    ("register", "2019-06-04 07:00", 1, "2019-06-04 09:00", "before the office opens it starts at 08:00"),
    ("register", "2019-06-04 16:00", 1, "2019-06-04 17:00", "the last hour suffices exactly"),
    ("register", "2019-06-04 17:00", 3, "2019-06-05 09:00", "17:00 sharp: the first hour of Wednesday"),
    ("register", "2019-06-04 20:00", 3, "2019-06-05 09:00", "in the evening: the first hour of Wednesday"),
    ("register", "2019-06-07 16:30", 2, "2019-06-10 08:30", "half an hour on Friday, half on Monday"),
    ("register", "2019-06-08 10:00", 4, "2019-06-10 09:00", "Saturday: the first hour of Monday"),
    ("register", "2019-01-04 16:30", 1, "2019-01-05 08:30", "half an hour on Friday, half on the worked Saturday"),
    ("register", "2018-12-28 16:45", 1, "2019-01-02 08:45", "a quarter this year, three quarters next year"),
    ("register", "2019-02-01 16:30", 3, "2019-02-11 08:30", "Tết in the middle of an urgent hour"),
    ("register", "2020-01-23 09:00", 3, "2020-01-30 09:00", "arrived on the first rest day: the first hour after"),
]

FINISH: list[Case] = [
    ("finish", "2019-06-04", 0, "2019-06-04 17:00", "closing of the DueDate"),
    ("finish", "2019-06-08", 0, "2019-06-10 17:00", "a Saturday: ends on the next working day"),
    ("finish", "2019-06-09", 0, "2019-06-10 17:00", "a Sunday: the same"),
    ("finish", "2019-01-05", 0, "2019-01-05 17:00", "the worked Saturday is a working day"),
    ("finish", "2018-12-31", 0, "2019-01-02 17:00", "the day off at the year's end, and New Year"),
    ("finish", "2019-02-02", 0, "2019-02-11 17:00", "the first day of the Tết rest"),
    ("finish", "2019-04-29", 0, "2019-05-02 17:00", "29/4/2019 off, 30/4, 1/5"),
    ("finish", "2024-04-29", 0, "2024-05-02 17:00", "29/4/2024 off, 30/4, 1/5"),
    ("finish", "2024-05-04", 0, "2024-05-04 17:00", "the worked Saturday of 2024"),
    ("finish", "2025-05-02", 0, "2025-05-05 17:00", "02/5/2025 off, then the weekend"),
    ("finish", "2025-04-26", 0, "2025-04-26 17:00", "the worked Saturday of 2025"),
    ("finish", "2026-08-31", 0, "2026-09-03 17:00", "31/8/2026 off, then National Day"),
    ("finish", "2026-08-22", 0, "2026-08-22 17:00", "the worked Saturday of 2026"),
    ("finish", "2026-11-24", 0, "2026-11-25 17:00", "24/11/2026 is a holiday"),
    ("finish", "2018-09-03", 0, "2018-09-04 17:00", "National Day on Sunday 2/9/2018 compensated on Monday"),
    ("finish", "2023-05-02", 0, "2023-05-04 17:00", "Hùng Kings on Saturday 29/4 and 30/4 on Sunday: 2 and 3/5 off"),
    ("finish", "9999-12-31", 0, "9999-12-31 17:00", "a DueDate that means never is a Friday"),
]

ESCALATION: list[Case] = [
    ("escalate", "2019-06-04 17:00", 0, "2019-06-05 17:00", "eight working hours after Tuesday's closing"),
    ("escalate", "2019-06-04 10:00", 0, "2019-06-05 10:00", "six hours on Tuesday, two on Wednesday"),
    ("escalate", "2019-06-07 17:00", 0, "2019-06-10 17:00", "Friday's closing: Monday's"),
    ("escalate", "2019-02-01 17:00", 0, "2019-02-11 17:00", "nobody is alarmed during Tết"),
    ("escalate", "2019-01-04 17:00", 0, "2019-01-05 17:00", "the worked Saturday counts"),
    ("escalate", "2019-06-08 00:00", 0, "2019-06-10 17:00", "an urgent send late at Friday's midnight: Monday"),
]

# 31/12/2026 is a Thursday and 01/01/2027 a Friday: what begins in the one year ends in the other.
OVER_THE_YEAR: list[Case] = [
    ("send", "2026-12-31", 0, "2027-01-04 12:00", "New Year on Friday, weekend: the morning of Monday"),
    ("send", "2026-12-31", 1, "2027-01-01 00:00", "urgent: the day of signing ends with the year"),
    ("arrival", "2026-12-31 16:59", 0, "2026-12-31 17:00", "still told in the old year"),
    ("arrival", "2026-12-31 17:00", 0, "2027-01-04 17:00", "after hours: the first working day of the new year"),
    ("register", "2026-12-30 10:00", 0, "2026-12-31 17:00", "Wednesday: Thursday, the last day of the year"),
    ("register", "2026-12-31 10:00", 0, "2027-01-04 17:00", "Thursday: Monday of the new year"),
    ("register", "2026-12-31 16:30", 2, "2027-01-04 08:30", "half an hour in the old year, half in the new"),
    ("finish", "2027-01-01", 0, "2027-01-04 17:00", "due on New Year: the next working day"),
    ("escalate", "2026-12-31 17:00", 0, "2027-01-04 17:00", "nobody is alarmed on New Year"),
]

CASES: list[Case] = [*SENDING, *ARRIVAL, *REGISTER, *FINISH, *ESCALATION, *OVER_THE_YEAR]
