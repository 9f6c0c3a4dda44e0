"""What a browser sends of a form, read from the HTML of it as browsers do.

By the HTML standard: a page's own line breaks are one line feed; a text area drops a first one; a field
of one line drops all; a control for a day or a time drops what is none and shortens what is; values are
sent with every line break as CR LF.
"""

import re
from datetime import date, datetime
from html.parser import HTMLParser
from urllib.parse import urlencode

from django.http import QueryDict

BREAK = re.compile(r"\r\n|\r|\n")
DAY = re.compile(r"\d{4,}-\d\d-\d\d", re.ASCII)
TIME = re.compile(r"\d{4,}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?", re.ASCII)
BUTTONS = ("submit", "button", "reset", "image", "file")


def posted(html: str) -> dict[str, str]:
    """Return what is received of a form that is sent as it was drawn."""
    page = _Page()
    page.feed(BREAK.sub("\n", html))
    page.close()
    sent = [(BREAK.sub("\r\n", name), BREAK.sub("\r\n", value)) for name, value in page.entries]
    assert len({name for name, _ in sent}) == len(sent), "a name is sent twice"
    return QueryDict(urlencode(sent)).dict()  # type: ignore[return-value]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.entries: list[tuple[str, str]] = []
        self.area: tuple[str, list[str]] | None = None
        self.select: dict[str, str | None] = {}
        self.options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name = said.get("name") or ""
        if tag == "input" and name and "disabled" not in said:
            self._input(name, said)
        elif tag == "textarea":
            self.area = (name, [])
        elif tag == "select":
            self.select, self.options = said, []
        elif tag == "option":
            assert "value" in said
            self.options.append((said["value"] or "", "selected" in said))

    def handle_data(self, data: str) -> None:
        if self.area:
            self.area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area:
            name, parts = self.area
            self.entries.append((name, "".join(parts).removeprefix("\n")))
            self.area = None
        elif tag == "select":
            chosen = [value for value, is_selected in self.options if is_selected][-1:]
            if not chosen and int(self.select.get("size") or 1) == 1:
                chosen = [value for value, _ in self.options[:1]]
            self.entries += [(str(self.select["name"]), value) for value in chosen]

    def _input(self, name: str, said: dict[str, str | None]) -> None:
        kind, value = (said.get("type") or "text").lower(), said.get("value") or ""
        if kind in ("radio", "checkbox"):
            if "checked" in said:
                self.entries.append((name, said.get("value") or "on" if "value" in said else "on"))
                if said.get("value") == "":
                    self.entries[-1] = (name, "")
        elif kind == "hidden":
            self.entries.append((name, value))
        elif kind not in BUTTONS:
            self.entries.append((name, SANITISED.get(kind, str)(BREAK.sub("", value))))


def _day(value: str) -> str:
    try:
        return value if DAY.fullmatch(value) and date.fromisoformat(value) else ""
    except ValueError:
        return ""


def _time(value: str) -> str:
    try:
        found = datetime.fromisoformat(value) if TIME.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None:
        return ""
    if not found.second and not found.microsecond:
        return found.isoformat(timespec="minutes")
    return found.isoformat(timespec="milliseconds" if found.microsecond else "seconds")


SANITISED = {"date": _day, "datetime-local": _time}
