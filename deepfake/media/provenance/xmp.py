"""XMP: the XML that cameras, editors and generators leave in pictures and clips."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree import ElementTree

from deepfake.media.provenance.notes import Notes
from deepfake.media.provenance.statement import XMP

_MAX_BYTES = 2_000_000
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_IPTC_EXTENSION = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
_BASIC = "{http://ns.adobe.com/xap/1.0/}"
_EVENT = "{http://ns.adobe.com/xap/1.0/sType/ResourceEvent#}"
_TIFF = "{http://ns.adobe.com/tiff/1.0/}"
_EXIF = "{http://ns.adobe.com/exif/1.0/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"

_MEANINGS: dict[str, Callable[[Notes, str], None]] = {
    f"{_IPTC_EXTENSION}DigitalSourceType": lambda notes, value: notes.note_source_type(XMP, value),
    f"{_IPTC_EXTENSION}AISystemUsed": lambda notes, value: notes.note_mark(XMP, value, is_whole=False),
    f"{_BASIC}CreatorTool": lambda notes, value: notes.note_software(value),
    f"{_EVENT}softwareAgent": lambda notes, value: notes.note_software(value),
    f"{_TIFF}Software": lambda notes, value: notes.note_software(value),
    f"{_TIFF}Make": lambda notes, value: notes.note_camera(maker=value),
    f"{_TIFF}Model": lambda notes, value: notes.note_camera(model=value),
    f"{_EXIF}DateTimeOriginal": lambda notes, value: notes.note_camera(taken_at=value),
    f"{_PHOTOSHOP}Credit": lambda notes, value: notes.note_other("Credit", value),
}


def read_xmp(data: bytes, notes: Notes) -> None:
    """Note what an XMP packet says.

    Args:
        data: The packet, UTF-8.
        notes: Filled.
    """
    packet = data.strip(b"\0 \r\n\t")
    if len(packet) > _MAX_BYTES or b"<!" in packet.replace(b"<!--", b""):  # a document type could define entities
        notes.unread.append("Its XMP record is too large, or of a kind that is not opened here.")
        return
    try:
        root = ElementTree.fromstring(packet.decode("utf-8"))
    except (ElementTree.ParseError, ValueError, RecursionError):
        notes.unread.append("Its XMP record is damaged.")
        return
    for name, value in _properties(root):
        if name in _MEANINGS:
            _MEANINGS[name](notes, value)


def _properties(root: ElementTree.Element) -> Iterator[tuple[str, str]]:
    """Each property's full name and value, be it written as an attribute, an element, a reference or a list."""
    for element in root.iter():
        yield from element.attrib.items()
        yield element.tag, element.text or ""
        yield element.tag, element.get(f"{_RDF}resource", "")
        for container in element:
            yield from ((element.tag, item.text or "") for item in container if item.tag == f"{_RDF}li")
