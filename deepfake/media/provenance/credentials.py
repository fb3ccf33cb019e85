"""Content credentials (C2PA): a signed record of how a file was made, read by the standard's own library.

Nothing is fetched: neither records that lie elsewhere nor answers on whether a certificate was revoked. So that a
signature fits says that nothing was changed since, and not who signed.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import c2pa

from deepfake.media.provenance.notes import Notes
from deepfake.media.provenance.statement import BROKEN, CREDENTIALS, INTACT, INVALID, MOST, UNREADABLE, Credentials
from deepfake.media.provenance.texts import clean

_SETTINGS = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}, "core": {"allowed_network_hosts": []}}
_UNTRUSTED = "signingCredential.untrusted"  # of every signer, since no list of trusted ones is asked
_CREATED = "c2pa.created"


def read_credentials(data: bytes, mime: str, notes: Notes) -> None:
    """Note a file's content credentials, if it has any.

    Args:
        data: The file's bytes.
        mime: Its type, such as "image/jpeg".
        notes: Filled.
    """
    try:
        with (
            c2pa.Context.from_dict(_SETTINGS) as context,
            c2pa.Reader(mime, io.BytesIO(data), context=context) as reader,
        ):
            record = json.loads(reader.json())
    except (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.NotSupported):
        return
    except (c2pa.C2paError, ValueError) as error:
        kind = clean(str(error).partition(":")[0])
        if kind.startswith("Remote"):
            notes.unread.append(
                "Its content credentials lie on the internet. They were not fetched: nothing leaves this computer."
            )
        else:
            notes.credentials = Credentials(state=UNREADABLE, problems=(kind,) if kind else ())
        return
    _note_record(record, notes)


def _note_record(record: Mapping[str, Any], notes: Notes) -> None:
    manifests = record.get("manifests") or {}
    active = manifests.get(record.get("active_manifest")) or {}
    signature = active.get("signature_info") or {}
    programs = active.get("claim_generator_info") or [{"name": active.get("claim_generator")}]
    actions = list(_actions(active))
    problems = _problems(record)
    notes.credentials = Credentials(
        state=_state(record, problems),
        signer=_text(signature.get("common_name")) or _text(signature.get("issuer")),
        signed_at=_text(signature.get("time")),
        program=_text(" ".join(str(programs[0].get(part) or "") for part in ("name", "version"))),
        actions=_texts(action.get("action") for action in actions),
        num_ingredients=len(active.get("ingredients") or ()),
        problems=problems,
    )
    for action in actions:
        notes.note_source_type(CREDENTIALS, action.get("digitalSourceType"), of_whole=action.get("action") == _CREATED)
    for label, manifest in manifests.items():
        if label != record.get("active_manifest"):  # of what went into this file
            for action in _actions(manifest):
                notes.note_source_type(CREDENTIALS, action.get("digitalSourceType"), of_whole=False)


def _actions(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for assertion in manifest.get("assertions") or ():
        if str(assertion.get("label")).startswith("c2pa.actions"):
            yield from (assertion.get("data") or {}).get("actions") or ()


def _problems(record: Mapping[str, Any]) -> tuple[str, ...]:
    codes = [_text(one.get("code")) or "" for one in record.get("validation_status") or ()]
    return tuple(dict.fromkeys(code for code in codes if code and code != _UNTRUSTED))[:MOST]


def _state(record: Mapping[str, Any], problems: Sequence[str]) -> str:
    if record.get("validation_state") in ("Valid", "Trusted"):
        return INTACT
    return BROKEN if any(code.endswith((".mismatch", ".missing")) for code in problems) else INVALID


def _texts(values: Iterator[object]) -> tuple[str, ...]:
    texts = [_text(value) for value in values]
    return tuple(text for text in texts if text)[:MOST]


def _text(value: object) -> str | None:
    return (clean(value) or None) if isinstance(value, str) else None
