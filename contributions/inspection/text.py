"""What has no signature: plain text or a table, and nothing that something runs."""

from __future__ import annotations

import re
from typing import IO

from contributions.inspection.signatures import is_zip
from contributions.inspection.types import FileRejected, FileType

MAX_TEXT = 20 * 1024 * 1024

# What a browser or a server would run, wherever it is.
MARKUP = re.compile(
    rb"<\?php|<\?=|<%@|<script|<html|<!doctype|<svg|<iframe|<body|<foreignobject|<!entity|"
    rb"<x?ht:|<hta:|javascript:|vbscript:",
    re.IGNORECASE,
)
SCRIPT = re.compile(
    rb"\beval\s*\(|\bdocument\.(?:write|cookie|location)|\bwindow\.(?:location|open)|"
    rb"\bActiveXObject\b|\bWScript\.|\bCreateObject\s*\(|\bnew\s+Function\s*\(|"
    rb"\bSub\s+Auto_?Open\b|\bpowershell\b.{0,40}-e|\bInvoke-(?:Expression|WebRequest)\b|"
    rb"\bos\.system\s*\(|\bsubprocess\.|\bjava\.lang\.Runtime\b|\bfunction\s*\([\w\s,]*\)\s*\{|"
    rb"^\s*@echo\s+off|^\[(?:InternetShortcut|autorun)\]|^\s*Windows Registry Editor|"
    rb"^\s*%!PS|^\s*\{\\rtf|X5O!P%@AP\[4\\PZX54",
    re.IGNORECASE | re.MULTILINE,
)
FORMULA = re.compile(r"""^["']?\s*(?:[=@]|[+-]\s*(?:[A-Za-z(@]|\d+[+*/-]\s*[A-Za-z]))""")


def inspect_text(file: IO[bytes], extension: str) -> FileType:
    """Return the type of a text, by its content and the extension of its name."""
    file.seek(0)
    content = file.read(MAX_TEXT + 1)
    if len(content) > MAX_TEXT:
        raise FileRejected("unknown")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        raise FileRejected("unknown")
    if is_zip(file):
        raise FileRejected("polyglot")
    if MARKUP.search(content) or content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml"):
        raise FileRejected("web")
    if SCRIPT.search(content):
        raise FileRejected("script")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
        if "\ufffd" in text:
            raise FileRejected("unknown") from None
    if re.search(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", text):
        raise FileRejected("unknown")
    if extension == "csv":
        cells = (cell for line in text.splitlines() for cell in re.split(r"[;,\t]", line))
        if any(FORMULA.match(cell) for cell in cells):
            raise FileRejected("formula")
        return FileType("text/csv", "csv")
    if extension == "txt":
        return FileType("text/plain", "txt")
    raise FileRejected("unknown")
