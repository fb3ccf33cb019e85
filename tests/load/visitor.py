"""A person at the page, without a browser: speaks the app's own protocol, so that twenty of them fit on one machine.

The page arrives as messages over a websocket: pieces (`Delta`) with their place on the page. What a person does goes
back as the states of the widgets. Files are sent over HTTP, as a browser sends them.
"""

from __future__ import annotations

import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Self

import pyarrow as pa
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

_COOKIE = "_streamlit_xsrf"
_NUMBERS = "Numbers for experts"
_RECEIVE_S = 0.5
_BOUNDARY = "a-boundary-that-no-file-holds-7d1f"
Place = tuple[int, ...]


class Visitor:
    """One session.

    Attributes:
        waited: What was said while waiting for a turn.
    """

    def __init__(self, url: str) -> None:
        """Open the page; its first run begins."""
        self.waited: list[str] = []
        self._url = url
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=20) as answer:
            self._token = answer.headers["Set-Cookie"].split(f"{_COOKIE}=")[1].split(";")[0]
        self._socket = connect(
            f"{url.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": f"{_COOKIE}={self._token}"},
            max_size=None,
            open_timeout=60,
        )
        self._session_id = ""
        self._elements: dict[Place, Element] = {}
        self._expanders: dict[Place, Any] = {}
        self._seen: set[Place] = set()
        self._states: dict[str, WidgetState] = {}
        self._answers: list[Any] = []
        self._rerun()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def wait_for(self, found: Callable[[], Any], what: str, seconds: float) -> Any:
        """Listen until something is on the page; what `found` gave then."""
        end = time.monotonic() + seconds
        while not (there := found()):
            if time.monotonic() > end:
                raise AssertionError(f"{what} did not come in {seconds:.0f} s. The page says: {self.text()[-1500:]}")
            self._listen()
        return there

    def text(self) -> str:
        """All that the page says."""
        return "\n".join([*self._labels(), *self._said()])

    def drop(self, name: str, data: bytes, kind: str, *, seconds: float = 60) -> None:
        """Put a file, and no other, into the drop zone."""
        uploader = self.wait_for(lambda: self._first("file_uploader"), "the drop zone", seconds)
        request = BackMsg()
        request.file_urls_request.request_id = uuid.uuid4().hex
        request.file_urls_request.file_names.append(name)
        request.file_urls_request.session_id = self._session_id
        self._socket.send(request.SerializeToString())
        answer = self.wait_for(lambda: self._answers, "a place for the file", seconds).pop()
        self._put(answer.file_urls[0].upload_url, name, data, kind)
        state = WidgetState(id=uploader.id)
        told = state.file_uploader_state_value.uploaded_file_info.add()
        told.name, told.size, told.file_id = name, len(data), answer.file_urls[0].file_id
        told.file_urls.CopyFrom(answer.file_urls[0])
        self._states = {uploader.id: state}
        self._rerun()

    def probabilities(self, *, seconds: float) -> list[str]:
        """Open "Numbers for experts" of the one file that is there, and read the column P(fake)."""
        box = self.wait_for(lambda: self._expander(_NUMBERS), "a verdict", seconds)
        if box.id not in self._states:
            self._states[box.id] = WidgetState(id=box.id, bool_value=True)
            self._rerun()
        column: list[str] = self.wait_for(lambda: self._column("P(fake)"), "the numbers", seconds)
        return column

    def file_titles(self) -> list[str]:
        """Of the files that were judged: names and headlines."""
        return [label for label in self._labels() if " — " in label]

    def media(self, kind: str) -> bytes:
        """The first picture ("image") or clip ("video") on the page."""
        shown = self._first("imgs" if kind == "image" else "video")
        url = shown.imgs[0].url if kind == "image" else shown.url
        with urllib.request.urlopen(self._url + url, timeout=20) as answer:
            return bytes(answer.read())

    def _labels(self) -> list[str]:
        return [box.label for _, box in sorted(self._expanders.items())]

    def _said(self) -> Iterator[str]:
        for _, element in sorted(self._elements.items()):
            kind = element.WhichOneof("type")
            one = getattr(element, kind)
            yield str(getattr(one, "body", "") or getattr(one, "text", ""))

    def _first(self, kind: str) -> Any:
        return next((getattr(one, kind) for one in self._elements.values() if one.WhichOneof("type") == kind), None)

    def _expander(self, label: str) -> Any:
        return next((box for box in self._expanders.values() if box.label == label), None)

    def _column(self, name: str) -> list[str]:
        """Of the first table that has it; empty where none has."""
        for element in self._elements.values():
            if element.WhichOneof("type") == "dataframe":
                table = pa.ipc.open_stream(element.dataframe.arrow_data.data).read_all()
                if name in table.column_names:
                    return [str(value) for value in table.column(name).to_pylist()]
        return []

    def _rerun(self) -> None:
        message = BackMsg()
        message.rerun_script.query_string = ""
        message.rerun_script.widget_states.widgets.extend(self._states.values())
        self._socket.send(message.SerializeToString())

    def _put(self, url: str, name: str, data: bytes, kind: str) -> None:
        head = (
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {kind}'
        )
        request = urllib.request.Request(
            urllib.parse.urljoin(self._url, url),
            data=head.encode() + b"\r\n\r\n" + data + f"\r\n--{_BOUNDARY}--\r\n".encode(),
            method="PUT",
            headers={
                "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
                "Cookie": f"{_COOKIE}={self._token}",
                "X-Xsrftoken": self._token,
            },
        )
        with urllib.request.urlopen(request, timeout=60):
            pass

    def _listen(self) -> None:
        try:
            data = self._socket.recv(timeout=_RECEIVE_S)
        except TimeoutError:
            return
        message = ForwardMsg.FromString(data)  # type: ignore[arg-type]
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._session_id = message.new_session.initialize.session_id
            self._seen = set()
        elif kind == "file_urls_response":
            self._answers.append(message.file_urls_response)
        elif kind == "delta":
            self._place(tuple(message.metadata.delta_path), message.delta)
        elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            for shown in (self._elements, self._expanders):
                for place in [place for place in shown if place not in self._seen]:
                    del shown[place]

    def _place(self, place: Place, delta: Any) -> None:
        self._seen.add(place)
        if delta.WhichOneof("type") == "add_block":
            self._elements.pop(place, None)
            self._expanders.pop(place, None)
            if delta.add_block.WhichOneof("type") == "expandable":
                self._expanders[place] = delta.add_block.expandable
            return
        if delta.WhichOneof("type") != "new_element":
            return
        for shown in (self._elements, self._expanders):  # where a block stood, nothing of it is left
            for inner in [one for one in shown if one[: len(place)] == place]:
                del shown[inner]
        self._elements[place] = delta.new_element
        if delta.new_element.WhichOneof("type") == "progress":
            said = delta.new_element.progress.text
            if said.startswith("Waiting for its turn"):
                self.waited.append(said)
