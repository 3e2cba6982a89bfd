"""Small packages for tests of the reader: whole, or with one thing changed."""

from __future__ import annotations

from pathlib import Path

from axis.edxml.dialects import NATIVE

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"

DOCUMENT = f"""<?xml version="1.0" encoding="UTF-8"?>\r
<edXML xmlns="{NATIVE}">\r
  <edXML:edXMLEnvelope xmlns:edXML="{NATIVE}">\r
    <edXML:edXMLHeader>\r
      <edXML:MessageHeader>\r
        <edXML:From><edXML:OrganId>000.00.00.G22</edXML:OrganId></edXML:From>\r
        <edXML:To><edXML:OrganId>000.00.00.H41</edXML:OrganId></edXML:To>\r
        <edXML:To><edXML:OrganId>G22.02</edXML:OrganId></edXML:To>\r
        <edXML:DocumentId>000.00.00.G22,2019/03/12,74/VP</edXML:DocumentId>\r
        <edXML:Code><edXML:CodeNumber>74</edXML:CodeNumber><edXML:CodeNotation>VP</edXML:CodeNotation></edXML:Code>\r
        <edXML:PromulgationInfo><edXML:PromulgationDate>2019/03/12</edXML:PromulgationDate></edXML:PromulgationInfo>\r
        <edXML:Subject>V/v họp giao ban</edXML:Subject>\r
        <edXML:SteeringType>0</edXML:SteeringType>\r
      </edXML:MessageHeader>\r
    </edXML:edXMLHeader>\r
    <edXML:edXMLBody>\r
      <edXML:edXMLManifest version="1.0">\r
        <edXML:Reference><edXML:ContentId>cid:cid:1</edXML:ContentId></edXML:Reference>\r
      </edXML:edXMLManifest>\r
    </edXML:edXMLBody>\r
  </edXML:edXMLEnvelope>\r
  <AttachmentEncoded>\r
    <Attachment><ContentId>1</ContentId><AttachmentName>a.pdf</AttachmentName>\r
      <edXML:ContentTransferEncoded xmlns:edXML="{NATIVE}">JVBERi0=</edXML:ContentTransferEncoded></Attachment>\r
  </AttachmentEncoded>\r
</edXML>\r
"""

STATUS = f"""<edXML xmlns="{NATIVE}"><edXML:edXMLEnvelope xmlns:edXML="{NATIVE}"><edXML:edXMLHeader>
<edXML:MessageHeader><edXML:From><edXML:OrganId>000.00.00.H41</edXML:OrganId></edXML:From>
<edXML:ResponseFor><edXML:OrganId>000.00.00.G22</edXML:OrganId><edXML:Code>74/VP</edXML:Code>
<edXML:DocumentId>000.00.00.G22,2019/03/12,74/VP</edXML:DocumentId></edXML:ResponseFor>
<edXML:StatusCode> 03 </edXML:StatusCode></edXML:MessageHeader></edXML:edXMLHeader></edXML:edXMLEnvelope></edXML>
"""


def changed(text: str, *pairs: tuple[str, str]) -> str:
    """``text`` with each first string replaced by the second, once; it must be there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text
