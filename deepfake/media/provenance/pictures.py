"""What a picture file says of itself: EXIF, XMP, IPTC, the texts of a PNG. No pixel is decoded."""

from __future__ import annotations

import io
import warnings

from PIL import ExifTags, Image, ImageFile, IptcImagePlugin

from deepfake.media.provenance.notes import Notes
from deepfake.media.provenance.statement import EXIF, PNG_TEXT
from deepfake.media.provenance.xmp import read_xmp

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_PROGRAM, _CREDIT = (2, 65), (2, 110)  # of IPTC's older record
# Texts under which image generators keep how a picture was made.
_GENERATOR_TEXTS = ("parameters", "workflow", "invokeai_metadata", "sd-metadata", "dream", "fooocus_scheme")
_GENERATOR_WORDS = ("Steps:", "Sampler:")  # in a comment, as the same programs write it into JPEG
_COMMENT_CODES = {b"ASCII\0\0\0": "ascii", b"UNICODE\0": "utf-16-be"}
_LONGEST_COMMENT = 20_000


def read_picture(data: bytes, notes: Notes) -> None:
    """Note what a picture's file says.

    Args:
        data: The file's bytes.
        notes: Filled.

    Raises:
        Exception: Of any kind, on a damaged file; what was read until then is kept.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.format == "PNG":
                _read_png_texts(image, notes)
            packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
            if packet:
                read_xmp(packet.encode() if isinstance(packet, str) else bytes(packet), notes)
            _read_iptc(image, notes)
            _read_exif(image.getexif(), notes)


def _read_exif(exif: Image.Exif, notes: Notes) -> None:
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    notes.note_camera(
        maker=exif.get(ExifTags.Base.Make),
        model=exif.get(ExifTags.Base.Model),
        taken_at=inner.get(ExifTags.Base.DateTimeOriginal),
    )
    notes.note_software(exif.get(ExifTags.Base.Software))
    comment = inner.get(ExifTags.Base.UserComment)
    if isinstance(comment, bytes):
        code = _COMMENT_CODES.get(comment[:8], "utf-8")
        words = comment[8:_LONGEST_COMMENT].decode(code, "replace")
        if all(word in words for word in _GENERATOR_WORDS):
            notes.note_mark(EXIF, "UserComment", is_whole=False)


def _read_png_texts(image: Image.Image, notes: Notes) -> None:
    for name, value in image.info.items():
        if name in _GENERATOR_TEXTS and isinstance(value, str):
            notes.note_mark(PNG_TEXT, name, is_whole=False)
    notes.note_software(image.info.get("Software"))


def _read_iptc(image: ImageFile.ImageFile, notes: Notes) -> None:
    record = IptcImagePlugin.getiptcinfo(image) or {}
    notes.note_software(_first(record.get(_PROGRAM)))
    notes.note_other("Credit", _first(record.get(_CREDIT)))


def _first(value: bytes | list[bytes] | None) -> bytes | None:
    return value[0] if isinstance(value, list) else value
