"""The guide's code is what receivers copy: it is run as it stands there."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from axis import webhooks

GUIDE = (Path(__file__).parents[2] / "docs" / "adapter-guide.md").read_text(encoding="utf-8")


def test_the_ten_lines_accept_what_the_axis_signs_and_nothing_else() -> None:
    code = next(
        block for block in re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL) if "def verify" in block
    )
    given: dict[str, Any] = {}
    exec(code, given)
    verify = given["verify"]
    old, new, body = webhooks.new_secret(), webhooks.new_secret(), "{“văn bản”}".encode()
    private, _ = webhooks.new_key_pair()

    def headers(message_id: str, at: float) -> dict[str, str]:
        return {
            webhooks.ID: message_id,
            webhooks.TIMESTAMP: str(int(at)),
            webhooks.SIGNATURE: webhooks.sign([private, old, new], message_id, int(at), body),
        }

    now = time.time()
    assert verify(headers("a-1", now), body, [new]) and verify(headers("a-1", now), body, ["whsec_AAAA", old])
    assert not verify(headers("a-1", now), body + b" ", [new])
    assert not verify(headers("a-1", now - 400), body, [new])
    assert not verify(headers("a.1", now), body, [new])
    assert not verify(headers("a-1", now), body, [webhooks.new_secret()])
