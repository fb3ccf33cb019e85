"""Files that say something of themselves, made by the tests."""

from __future__ import annotations

import io
import json
import struct
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" {attributes}>{elements}</rdf:Description>
</rdf:RDF></x:xmpmeta>"""


def xmp_packet(attributes: str = "", elements: str = "") -> bytes:
    """XMP with properties written as attributes, elements, or both."""
    return _XMP.format(attributes=attributes, elements=elements).encode()


def made_with_ai(code: str = "trainedAlgorithmicMedia") -> bytes:
    """XMP with the IPTC's word for how a picture came to be."""
    return xmp_packet(f'Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPES}{code}"')


def plain_picture(file_format: str = "JPEG", **options: Any) -> bytes:
    """A small picture file; what is given is saved into it."""
    buffer = io.BytesIO()
    Image.effect_noise((64, 48), 40).convert("RGB").save(buffer, file_format, **options)
    return buffer.getvalue()


def iptc_segment(**texts: bytes) -> bytes:
    """IPTC's older record, as a JPEG's segment: `program` and `credit`."""
    numbers = {"program": 65, "credit": 110}
    record = b"".join(b"\x1c\x02" + struct.pack(">BH", numbers[name], len(text)) + text for name, text in texts.items())
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record + b"\0" * (len(record) % 2)
    body = b"Photoshop 3.0\0" + resource
    return b"\xff\xed" + struct.pack(">H", len(body) + 2) + body


def signed(
    data: bytes,
    actions: list[dict[str, Any]],
    *,
    mime: str = "image/jpeg",
    program: str = "a test",
    is_edit: bool = False,
    remote_url: str | None = None,
) -> bytes:
    """A file with content credentials, signed offline with a certificate made for it.

    Args:
        data: The file.
        actions: What is said to have been done.
        mime: Of the file.
        program: What is said to have written the record.
        is_edit: Say that the file was made from another one, which is the file as it is given.
        remote_url: Say that the record lies there, and do not put it into the file.
    """
    manifest = {
        "claim_generator_info": [{"name": program, "version": "1"}],
        "assertions": [{"label": "c2pa.actions", "data": {"actions": actions}}],
    }
    builder = c2pa.Builder.from_json(json.dumps(manifest))
    if is_edit:
        builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
    if remote_url is not None:
        builder.set_no_embed()
        builder.set_remote_url(remote_url)
    output = io.BytesIO()
    certificates, key = _identity()
    builder.sign(
        c2pa.Signer.from_info(c2pa.C2paSignerInfo("es256", certificates, key, None)), mime, io.BytesIO(data), output
    )
    return output.getvalue()


@cache
def _identity() -> tuple[bytes, bytes]:
    """A chain of two certificates and the signer's key, PEM."""
    authority_key, signer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _certificate("Test authority", "Test authority", authority_key, authority_key, is_authority=True)
    signer = _certificate("Test signer", "Test authority", signer_key, authority_key, is_authority=False)
    key = signer_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return signer + authority, key


def _certificate(
    subject: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> bytes:
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        (
            *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
            *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
        ),
        False,
    )
    usage |= {"key_cert_sign": True} if is_authority else {"digital_signature": True}
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not is_authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, common_name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tests")]
    )
