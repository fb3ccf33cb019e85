"""Judge whether a face in a picture is real or manipulated, say how sure that is, and why."""

__version__ = "0.2.0"
