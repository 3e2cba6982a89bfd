"""Large uploads, one after the other on a kept connection, are bodies and not heads."""

from __future__ import annotations

from axis.demo.vxp_client import VxpClient
from tests.fronts.stand_in import SECRET, SYSTEM, standing


async def test_every_large_body_on_a_kept_connection_arrives_whole() -> None:
    data = b"<?xml version='1.0'?>" + b"A" * 3_000_000
    async with (
        standing() as stand,
        VxpClient(f"http://127.0.0.1:{stand.port}/vxp", SYSTEM, SECRET, retry=1) as client,
    ):
        for _ in range(40):
            assert (await client.send_edoc(data)).ok
    # a first answer that was lost would have been sent again, and counted here
    assert [len(body) for body, _ in stand.recorder.bodies] == [len(data)] * 40
    assert stand.recorder.failed == []
