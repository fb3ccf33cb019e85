"""What files say of themselves, read: files made with marks, and files made to harm."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from deepfake.media.provenance.notes import Notes
from deepfake.media.provenance.reading import read_statement
from deepfake.media.provenance.statement import (
    BROKEN,
    CREDENTIALS,
    EXIF,
    INTACT,
    MOST,
    PNG_TEXT,
    UNREADABLE,
    XMP,
    AiMark,
    Provenance,
)
from deepfake.media.provenance.xmp import read_xmp
from tests.clips import encode_animation, encode_clip
from tests.media.provenance.marked_files import (
    SOURCE_TYPES,
    iptc_segment,
    made_with_ai,
    plain_picture,
    signed,
    xmp_packet,
)

CREATED_BY_AI = {"action": "c2pa.created", "digitalSourceType": f"{SOURCE_TYPES}trainedAlgorithmicMedia"}
CREATED = {"action": "c2pa.created", "digitalSourceType": f"{SOURCE_TYPES}digitalCapture"}


def statement_of_xmp(packet: bytes) -> Provenance:
    notes = Notes()
    read_xmp(packet, notes)
    return notes.statement()


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_without_any_metadata_says_nothing(file_format: str) -> None:
    assert read_statement(plain_picture(file_format)) == Provenance()


def test_camera_time_and_software_come_from_exif() -> None:
    exif = Image.Exif()
    exif[271], exif[272], exif[305] = "NIKON", "D850", "GIMP 3.0"
    exif.get_ifd(0x8769)[36867] = "2026:01:02 03:04:05"
    said = read_statement(plain_picture(exif=exif))
    assert (said.camera, said.taken_at, said.software) == ("NIKON D850", "2026:01:02 03:04:05", ("GIMP 3.0",))


def test_a_maker_that_the_model_repeats_is_said_once() -> None:
    exif = Image.Exif()
    exif[271], exif[272] = "Canon", "Canon EOS R5"
    assert read_statement(plain_picture(exif=exif)).camera == "Canon EOS R5"


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP"])
@pytest.mark.parametrize(
    ("code", "is_whole"), [("trainedAlgorithmicMedia", True), ("compositeWithTrainedAlgorithmicMedia", False)]
)
def test_the_iptc_mark_of_ai_is_found(file_format: str, code: str, is_whole: bool) -> None:
    said = read_statement(plain_picture(file_format, xmp=made_with_ai(code)))
    assert said.ai_marks == (AiMark(where=XMP, code=code, is_whole=is_whole),)


def test_the_iptc_mark_of_ai_is_found_in_a_png() -> None:
    texts = PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", made_with_ai().decode())
    assert len(read_statement(plain_picture("PNG", pnginfo=texts)).ai_marks) == 1


@pytest.mark.parametrize(
    "elements",
    [
        f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPES}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>",
        f'<Iptc4xmpExt:DigitalSourceType rdf:resource="{SOURCE_TYPES}trainedAlgorithmicMedia"/>',
        "<Iptc4xmpExt:DigitalSourceType><rdf:Bag><rdf:li>trainedAlgorithmicMedia</rdf:li></rdf:Bag>"
        "</Iptc4xmpExt:DigitalSourceType>",
    ],
)
def test_a_property_counts_however_it_is_written(elements: str) -> None:
    assert statement_of_xmp(xmp_packet(elements=elements)).ai_marks == (
        AiMark(where=XMP, code="trainedAlgorithmicMedia", is_whole=True),
    )


def test_a_picture_that_a_camera_took_carries_no_mark_of_ai() -> None:
    said = statement_of_xmp(made_with_ai("digitalCapture"))
    assert (said.ai_marks, said.other) == ((), (("Kind of source", "digitalCapture"),))


def test_programs_of_an_editing_history_are_named_once_each() -> None:
    history = "".join(f'<rdf:li stEvt:softwareAgent="Adobe Photoshop {year}"/>' for year in (25, 26, 25))
    said = statement_of_xmp(
        xmp_packet(
            'xmp:CreatorTool="Adobe Photoshop 25"', f"<xmpMM:History><rdf:Seq>{history}</rdf:Seq></xmpMM:History>"
        )
    )
    assert said.software == ("Adobe Photoshop 25", "Adobe Photoshop 26")


def test_names_in_other_namespaces_mean_nothing() -> None:
    packet = b'<a xmlns:b="http://example.org/" b:DigitalSourceType="trainedAlgorithmicMedia" b:Make="x"/>'
    assert statement_of_xmp(packet) == Provenance()


def test_settings_of_image_generators_are_marks() -> None:
    texts = PngInfo()
    texts.add_text("parameters", "a portrait\nSteps: 20, Sampler: Euler a, Seed: 1")
    texts.add_text("Software", "NovelAI")
    said = read_statement(plain_picture("PNG", pnginfo=texts))
    assert said.ai_marks == (AiMark(where=PNG_TEXT, code="parameters", is_whole=False),)
    assert said.software == ("NovelAI",)


@pytest.mark.parametrize(
    ("comment", "num_marks"),
    [
        (b"UNICODE\0" + "a portrait\nSteps: 20, Sampler: Euler".encode("utf-16-be"), 1),
        (b"ASCII\0\0\0a portrait Steps: 20, Sampler: Euler", 1),
        (b"ASCII\0\0\0Steps: to the beach", 0),
    ],
)
def test_settings_of_image_generators_are_found_in_the_comment_of_a_jpeg(comment: bytes, num_marks: int) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = comment
    marks = read_statement(plain_picture(exif=exif)).ai_marks
    assert marks == (AiMark(where=EXIF, code="UserComment", is_whole=False),) * num_marks


def test_program_and_credit_come_from_the_older_iptc_record() -> None:
    jpeg = plain_picture()
    said = read_statement(jpeg[:2] + iptc_segment(program=b"Picasa", credit=b"Made with Google AI") + jpeg[2:])
    assert (said.software, said.other) == (("Picasa",), (("Credit", "Made with Google AI"),))


def test_a_clip_says_which_phone_took_it_and_not_where() -> None:
    frames = [np.full((48, 64, 3), 90, np.uint8)] * 3
    said = read_statement(
        encode_clip(
            frames,
            container="mov",
            says={
                "com.apple.quicktime.make": "Apple",
                "com.apple.quicktime.model": "iPhone 15",
                "com.apple.quicktime.software": "17.1",
                "com.apple.quicktime.location.ISO6709": "+48.8577+002.295/",
                "comment": "for grandma",
            },
        )
    )
    assert said.camera == "Apple iPhone 15"
    assert "17.1" in said.software
    assert ("Comment", "for grandma") in said.other
    assert "48.85" not in str(said)


def test_an_animation_is_read_as_a_picture() -> None:
    frames = [np.full((16, 16, 3), level, np.uint8) for level in (0, 90)]
    assert read_statement(encode_animation(frames)) == Provenance()


def test_content_credentials_are_read_and_checked() -> None:
    said = read_statement(signed(plain_picture(), [CREATED_BY_AI], program="A generator"))
    record = said.credentials
    assert record is not None
    assert (record.state, record.signer, record.program) == (INTACT, "Test signer", "A generator 1")
    assert (record.actions, record.num_ingredients, record.problems) == (("c2pa.created",), 0, ())
    assert said.ai_marks == (AiMark(where=CREDENTIALS, code="trainedAlgorithmicMedia", is_whole=True),)


def test_content_credentials_of_a_camera_are_no_mark_of_ai() -> None:
    said = read_statement(signed(plain_picture(), [CREATED]))
    assert said.credentials is not None
    assert said.ai_marks == ()


def test_content_credentials_of_a_clip_are_read() -> None:
    frames = [np.full((48, 64, 3), level, np.uint8) for level in (20, 90, 160)]
    said = read_statement(signed(encode_clip(frames), [CREATED_BY_AI], mime="video/mp4"))
    assert said.credentials is not None
    assert said.credentials.state == INTACT
    assert len(said.ai_marks) == 1


def test_a_picture_changed_after_it_was_signed_breaks_the_seal() -> None:
    data = bytearray(signed(plain_picture(), [CREATED]))
    data[-20] ^= 1  # in the last line of pixels
    record = read_statement(bytes(data)).credentials
    assert record is not None
    assert (record.state, record.problems) == (BROKEN, ("assertion.dataHash.mismatch",))


def test_a_part_made_by_ai_does_not_make_the_whole() -> None:
    part = signed(plain_picture(), [CREATED_BY_AI])
    said = read_statement(signed(part, [{"action": "c2pa.color_adjustments"}], is_edit=True))
    assert said.credentials is not None
    assert said.credentials.num_ingredients == 1
    assert said.ai_marks == (AiMark(where=CREDENTIALS, code="trainedAlgorithmicMedia", is_whole=False),)


def test_a_damaged_record_is_called_unreadable() -> None:
    data = signed(plain_picture(), [CREATED])
    place = data.index(b"c2pa.claim")
    record = read_statement(data[:place] + b"\xff" * 200 + data[place + 200 :]).credentials
    assert record is not None
    assert record.state in (UNREADABLE, BROKEN)


def test_a_record_that_lies_elsewhere_is_never_fetched() -> None:
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/record.c2pa"
        said = read_statement(signed(plain_picture(), [CREATED], remote_url=url))
        server.shutdown()
    assert asked == []
    assert said.credentials is None
    assert [sentence for sentence in said.unread if "not fetched" in sentence]


HOSTILE = "<script>alert(1)</script>\u202e[link](javascript:1)\x00" + "A" * 5000


def test_hostile_texts_are_cleaned_wherever_they_stand() -> None:
    exif = Image.Exif()
    exif[271], exif[305] = HOSTILE, HOSTILE
    escaped = HOSTILE.replace("<", "&lt;").replace("\x00", "")
    packet = xmp_packet(elements=f"<xmp:CreatorTool>{escaped}</xmp:CreatorTool>")
    said = read_statement(signed(plain_picture(exif=exif, xmp=packet), [CREATED], program=HOSTILE.replace("\x00", "")))
    assert said.software
    assert said.credentials is not None
    for text in (said.camera, *said.software, said.credentials.program):
        assert text is not None
        assert text.startswith("<script>alert(1)</script>")
        assert "\u202e" not in text
        assert len(text) <= 120


def test_a_thousand_programs_are_cut_to_a_dozen() -> None:
    history = "".join(f'<rdf:li stEvt:softwareAgent="program {number}"/>' for number in range(1000))
    assert len(statement_of_xmp(xmp_packet(elements=f"<a><b>{history}</b></a>")).software) == MOST


ENTITIES = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 10))
BILLION_LAUGHS = f'<!DOCTYPE a [<!ENTITY b0 "ha">{ENTITIES}]><a>&b9;</a>'


@pytest.mark.parametrize(
    "packet",
    [
        BILLION_LAUGHS.encode(),
        BILLION_LAUGHS.encode("utf-16"),
        b"<a" * 100_000,
        b"<a>" * 100_000 + b"</a>" * 100_000,
        b"<a>\xff\xfe</a>",
        b"x" * 3_000_000,
        b'<?xml version="1.0" encoding="rot13"?><a/>',
    ],
)
def test_xmp_made_to_harm_is_left_unread_or_says_nothing(packet: bytes) -> None:
    said = statement_of_xmp(packet)
    assert said == Provenance(unread=said.unread)


def test_damage_in_one_place_leaves_the_rest_readable() -> None:
    said = read_statement(signed(plain_picture(xmp=b"<no xml"), [CREATED]))
    assert said.unread == ("Its XMP record is damaged.",)
    assert said.credentials is not None


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8\xff", b"\0\0\0\x18ftypmp42" + b"\0" * 40, b"RIFF\0\0\0\0WEBP", b"hello"]
)
def test_files_that_are_none_are_no_trouble(data: bytes) -> None:
    assert read_statement(data).camera is None
