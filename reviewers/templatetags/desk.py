"""What the templates need to show values from outside, instants, spans, money and stakes."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import dateformat, timezone
from django.utils.html import conditional_escape, format_html, format_html_join, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalation import inert as outside
from escalation.cases import lateness
from escalation.enums import PAUSED, CaseStatus, Stakes, TriggerType
from escalation.ledger import instant as ledger_instant
from escalation.models import Case, Decision, User
from reviewers import jsondoc, scriptwords, wording
from reviewers.case.room import STEPS, Room
from reviewers.clockface import Face
from reviewers.queue.rows import Fired, Row

register = template.Library()


@register.filter
def inert(value: object) -> SafeString:
    """Text that came from an agent: escaped, the invisible visible."""
    return outside.inert("" if value is None else value)


@register.filter
def plain(value: object) -> str:
    """As ``inert``, for where only text can stand: an option of a select, a label."""
    return outside.plain(value)


@register.filter
def folded(value: object) -> SafeString:
    """As ``inert``; a long text keeps its rest behind a summary."""
    return outside.folded("" if value is None else value)


@register.filter
def document(value: Any) -> SafeString:
    """JSON as a document."""
    return jsondoc.document(value)


def _room(context: template.Context) -> Room:
    file = context.get("file")
    return file.room if file else Room()


@register.simple_tag(takes_context=True)
def long(context: template.Context, given: object, *at: object) -> SafeString:
    """A text inert, as far as the page has room for it; ``at`` are parts of the pointer to it."""
    return _room(context).text("" if given is None else str(given), "".join(map(str, at)))


@register.simple_tag(takes_context=True)
def told(context: template.Context, given: str, *at: object) -> SafeString:
    """As ``long``; JSON in the text is set as a document."""
    return jsondoc.text(given, _room(context), "".join(map(str, at)))


@register.simple_tag(takes_context=True)
def data(context: template.Context, given: Any, *at: object) -> SafeString:
    """JSON as a document, as far as the page has room for it."""
    return jsondoc.document(given, _room(context), "".join(map(str, at)))


@register.simple_tag(takes_context=True)
def more(context: template.Context, given: Sequence[Any], shown: int, *at: object) -> str:
    """The way to what a list has beyond the first ``shown``, where it has more."""
    room, beyond = _room(context), len(given) - shown
    if beyond <= 0 or not room.url:
        return ""
    said = _("and %(n)s more") % {"n": f"{beyond:,}"}
    return SafeString(room.more(room.address("".join(map(str, at)), shown), said))


@register.simple_tag(takes_context=True)
def where(context: template.Context, anchor: str) -> str:
    """The address of a place of the page; of a step that is not on it, where that is."""
    kind, _dash, position = anchor.partition("-")
    file = context["file"]
    if kind == "step" and position.isdigit() and (int(position) > STEPS or "apart" in context):
        return str(file.where(int(position)))
    return f"{context.get('apart', '')}#{anchor}"


@register.filter
def value(given: Any) -> SafeString:
    """A JSON value in one short line, as in ``0.62`` or ``["a", "b"]``."""
    return outside.inert(wording.value(given))


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, label: str = "") -> SafeString:
    """A line icon of the sprite; without ``label`` it only accompanies a word."""
    href = f"{static('icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


FORMS = {
    "clock": "H:i:s",
    "minute": "H:i",
    "day": "D j M, H:i",
    "full": "D j M Y, H:i:s",
    "second": "j M, H:i:s",
    "date": "j M",
}
NEAR = {
    "near": ("minute", "day"),
    "exact": ("clock", "second"),
    "brief": ("minute", "date"),
}  # today, another day


@register.simple_tag
def when(at: datetime | None, form: str = "day") -> SafeString | str:
    """An instant in the reader's zone, UTC on hover.

    The forms ``near``, ``exact`` and ``brief`` say the day only when it is not today.
    """
    if at is None:
        return ""
    local = timezone.localtime(at)
    today = local.date() == timezone.localdate()
    if form in NEAR:
        form = NEAR[form][0 if today else 1]
    shown = template.defaultfilters.date(local, FORMS[form])
    exact = at.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        exact.isoformat(timespec="seconds").replace("+00:00", "Z"),
        dateformat.format(exact, "D d M Y, H:i:s"),
        shown,
    )


@register.simple_tag
def stretch(since: datetime, until: datetime) -> SafeString:
    """A span on the reader's wall clock: ``Mon 16 Nov, 09:00 to 18:00``, the second day if another."""
    ends = timezone.localtime(until).date() != timezone.localtime(since).date()
    given = {"since": when(since), "until": when(until, "day" if ends else "minute")}
    return format_html(_("{since} to {until}"), **given)


@register.filter
def span(given: timedelta | None) -> str:
    """A length of time as people say it: ``41 s``, ``48 min``, ``1 h 05``, ``3 days``."""
    return wording.span(given) if given is not None else ""


@register.filter
def seconds(given: int | None) -> str:
    """Whole seconds as people say them: ``41 s``, ``4 min``."""
    return wording.span(timedelta(seconds=given)) if given is not None else ""


@register.filter
def entry(given: dict[str, str], key: str) -> str:
    """What stands under a key; the key itself where nothing does any more."""
    return given.get(key, key)


@register.filter
def milliseconds(given: int | None) -> str:
    return wording.milliseconds(given) if given is not None else ""


@register.simple_tag
def money(amount: Decimal | str | None, currency: str = "") -> str:
    return wording.money(Decimal(amount), currency) if amount not in (None, "") else ""


@register.simple_tag
def stakes(level: str, form: str = "") -> SafeString:
    """The four-step bar and the word; with ``form`` "stakes", ``high stakes``."""
    said = str(Stakes(level).label)
    if form == "stakes":
        said = _("%(level)s stakes") % {"level": said}
    return _bars(Stakes(level).rank, said)


@lru_cache(maxsize=64)
def _bars(rank: int, said: str) -> SafeString:
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="3" height="{}" rx="0.5" class="{}"/>',
        ((i * 4, 9 - i * 3, 3 + i * 3, "on" if i <= rank else "off") for i in range(4)),
    )
    return format_html(
        '<span class="stakes"><svg viewBox="0 0 15 12" aria-hidden="true">{}</svg>{}</span>',
        bars, said,
    )  # fmt: skip


@register.simple_tag
def ring(share: float | None, words: str, meaning: str = "") -> SafeString:
    """A ring that empties as time goes, with the words that say the same. ``share`` of 1 is full."""
    full = 2 * 3.14159 * 3
    left = max(0.0, min(1.0, share if share is not None else 0.0))
    wedge = format_html(
        '<circle cx="7" cy="7" r="3" stroke-width="6" stroke-dasharray="{} {}" transform="rotate(-90 7 7)"/>',
        f"{full * left:.2f}", f"{full:.2f}",
    ) if left else ""  # fmt: skip
    solid = (
        SafeString('<circle cx="7" cy="7" r="6" fill="currentColor"/>')
        if meaning == "late"
        else wedge
    )
    return format_html(
        '<span class="ring {}"><svg viewBox="0 0 14 14" aria-hidden="true">'
        '<circle cx="7" cy="7" r="6"/>{}</svg>{}</span>',
        meaning, solid, words,
    )  # fmt: skip


@register.filter
def initials(name: str) -> str:
    words = name.replace(".", " ").split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def short_digest(digest: str) -> str:
    """``sha256:ab12cd34…9f0e``: enough to compare by eye."""
    return f"{digest[:15]}…{digest[-6:]}" if len(digest) > 24 else digest


@register.filter
def at_least(count: int, cap: int) -> str:
    """A count that was stopped at ``cap``: ``500+``."""
    return f"{cap}+" if count > cap else f"{count}"


@register.filter
def line(text: str) -> str:
    """The first 200 characters in one line, for lists."""
    flat = re.sub(r"[ \t\n]+", " ", str(text or "")[:1_000]).strip()
    return flat if len(flat) <= 200 else f"{flat[:199]}…"


@register.filter
def since(start: datetime, end: datetime) -> str:
    return wording.span(end - start)


@register.filter
def waiting(case: Case | Row, at: datetime) -> str:
    return wording.span(at - case.created_at)


ENDLESS = timedelta(days=150)  # shifts are written 180 days ahead
PAUSE_WORDS = {
    CaseStatus.HELD: gettext_lazy("held"),
    CaseStatus.INFORMATION_REQUESTED: gettext_lazy("agent asked"),
}


@register.simple_tag
def waiting_ring(case: Case | Row, at: datetime) -> SafeString:
    """Time left as a ring and words where a clock runs, else why it stands still or how long it waits.

    The page says the instant as well, by which a script keeps the words true while it is open.
    """
    if case.due_at is None:
        if case.status in PAUSED:
            said = PAUSE_WORDS[CaseStatus(case.status)]
            if case.is_stopped:
                said = gettext_lazy("agent stopped")
            return format_html('<span class="ring still">{}{}</span>', icon("pause"), said)
        return format_html('<span class="waited">{}</span>', wording.span(at - case.created_at))
    left = case.due_at - at
    if lateness.is_late(case.due_at, at):
        shown = ring(1, wording.left(left), "late")
    else:
        whole = (case.due_at - case.created_at) or timedelta(seconds=1)
        tone = "attention" if lateness.is_breaching(case.due_at, at) else ""
        shown = ring(left / whole, wording.left(left), tone)
    due = ledger_instant(case.due_at)
    return format_html('<span data-due="{}">{}</span>', due, shown)


@register.simple_tag
def due_ring(began_at: datetime, due_at: datetime, at: datetime) -> SafeString:
    """Time left until an instant as a ring and words, of all the time there was."""
    left = due_at - at
    if left < timedelta(0):
        return ring(1, wording.left(left), "late")
    tone = "attention" if left <= timedelta(days=1) else ""
    return ring(left / ((due_at - began_at) or timedelta(seconds=1)), wording.left(left), tone)


@register.simple_tag
def clock_ring(face: Face) -> SafeString:
    """One clock of a case: a ring that empties, a full one where it is late, bars where it stands still."""
    if face.state == "met":
        return format_html('<span class="ring done">{}{}</span>', icon("check"), face.words)
    if face.state == "still":
        return format_html('<span class="ring still">{}{}</span>', icon("pause"), face.words)
    shown = ring(face.share, face.words, face.tone)
    if face.due_at is None or face.state == "missed":
        return shown
    return format_html('<span data-due="{}">{}</span>', ledger_instant(face.due_at), shown)


@register.simple_tag
def firing_line(fired: Fired) -> SafeString:
    """What fired first, in a line: the value and the limit, its kind's icon and its name."""
    said = wording.fired(fired.observed, fired.operator, fired.threshold)
    name = outside.inert(line(fired.name.replace("_", " ")))
    more = fired.count - 1
    kind = TriggerType(fired.type).label if fired.type else ""
    return format_html(
        '<span class="value">{}</span>'
        '<span class="under"><span class="kind">{}{}</span> · <bdi>{}</bdi>{}</span>',
        outside.inert(said), icon(fired.type), kind, name,
        format_html(' <span class="faint">+{}</span>', more) if more > 0 else "",
    )  # fmt: skip


@register.filter
def input(field: BoundField) -> SafeString:
    """A form's own control in the dress of the desk."""
    return field.as_widget(attrs={"class": "input"})


@register.filter
def mono(field: BoundField) -> SafeString:
    """As ``input``, for what is written in columns."""
    return field.as_widget(attrs={"class": "input mono"})


@register.simple_tag
def words(of: str) -> SafeString:
    """What scripts of a kind say, as JSON that they read."""
    return json_script(scriptwords.words(of), f"words-{of}")


@register.filter(name="hex")
def hexadecimal(given: bytes | memoryview) -> str:
    return bytes(given).hex()


@register.filter
def standing(case: Case) -> Decision | None:
    """The decision that stands, of those that were fetched with the case."""
    return next(reversed(list(case.decisions.all())), None)


@register.simple_tag
def elsewhere(at: datetime, person: User) -> SafeString | str:
    """What a clock says where the person is, if it is not the clock that is shown."""
    there, here = at.astimezone(ZoneInfo(person.time_zone)), timezone.localtime(at)
    if there.utcoffset() == here.utcoffset():
        return ""
    place = person.time_zone.rpartition("/")[2].replace("_", " ")
    return format_html(', <span class="quiet">{} {}</span>', place, f"{there:%H:%M}")


@register.simple_tag
def until(ends: datetime, at: datetime) -> SafeString:
    """Until when; what lasts as far as is planned has no end that anybody knows."""
    if ends - at > ENDLESS:
        return conditional_escape(_("with no end planned"))
    return format_html(_("until {}"), when(ends, "near"))


@register.filter
def hours(given: timedelta) -> str:
    """A length in hours, however many, as in ``49 h``."""
    return wording.hours(given)


@register.filter
def names(people: Sequence[User | str]) -> str:
    told = [str(one) for one in people]
    if not told[1:]:
        return "".join(told)
    return _("%(names)s and %(last)s") % {"names": ", ".join(told[:-1]), "last": told[-1]}
