"""Template tags of the front end: `{% load ui %}`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from plateward.plates import FAIR, certainty
from plateward.ui import assets
from plateward.ui.ages import age_text

register = template.Library()

TONES = {
    "good": "VERIFIED APPROVED ACTIVE CONFIRMED VALID RECOVERED DONE COMPLETE STORED",
    "warn": "UNVERIFIED PENDING REQUESTED EXPIRING QUARANTINED LOCKED AWAITING_APPROVAL",
    "bad": "REFUSED REJECTED EXPIRED FAILED REMOVED REVOKED INVALID MISREAD",
    "info": "NEW OPEN CURRENT IN_PROGRESS REPLAYED",
}
_tone_of = {status: tone for tone, statuses in TONES.items() for status in statuses.split()}


@register.simple_tag
def asset(name: str) -> SafeString:
    """Link the style sheets and the module of the Vite entry `name`."""
    sheets = format_html_join("", '<link rel="stylesheet" href="{}">', _urls(assets.styles(name)))
    modules = format_html_join("", '<link rel="modulepreload" href="{}">', _urls(assets.preloads(name)))
    return format_html(
        '{}{}<script type="module" src="{}"></script>', sheets, modules, static(assets.script(name))
    )


def _urls(paths: Sequence[str]) -> list[tuple[str]]:
    return [(static(path),) for path in paths]


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of `web/icons.js`; decoration unless it gets a label."""
    said = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    sheet = static(assets.icon_sheet())
    return format_html(
        '<svg class="pw-icon" focusable="false" {}><use href="{}#{}"></use></svg>', said, sheet, name
    )


@register.simple_block_tag
def crumbs(content: str) -> SafeString:
    """The way to this page: its `crumb` tags, the page itself last."""
    return format_html(
        '<nav class="usa-breadcrumb usa-breadcrumb--wrap" aria-label="Breadcrumbs">'
        '<ol class="usa-breadcrumb__list">{}</ol></nav>',
        content,
    )


@register.simple_block_tag
def crumb(content: str, page: str = "", *of: object) -> SafeString:
    """One page of the way by its address's name and what it is of; the page itself without."""
    link = format_html('<a class="usa-breadcrumb__link" href="{}">', reverse(page, args=of)) if page else ""
    return format_html(
        '<li class="usa-breadcrumb__list-item{}"{}>{}<span>{}</span>{}</li>',
        "" if page else " usa-current",
        "" if page else SafeString(' aria-current="page"'),
        link,
        content,
        SafeString("</a>") if page else "",
    )


@register.simple_tag
def plate(text: str, confidences: Sequence[float] | None = None, size: str = "") -> SafeString:
    """A plate in plate type; given a confidence (0–1) per character, doubtful ones are marked and named."""
    css = f"plate plate--{size}" if size else "plate"
    if not confidences or len(confidences) != len(text):
        return format_html('<span class="{}">{}</span>', css, text)
    pairs = list(zip(text, confidences, strict=True))
    shown = format_html_join("", '<span class="{}">{}</span>', ((_certainty(sure), c) for c, sure in pairs))
    doubts = [f"{char} {sure:.0%}" for char, sure in pairs if sure < FAIR]
    said = f"{text}, doubtful: {', '.join(doubts)}" if doubts else text
    return format_html(
        '<span class="{}"{}><span class="usa-sr-only">{}</span><span aria-hidden="true">{}</span></span>',
        css,
        format_html(' title="Doubtful: {}"', ", ".join(doubts)) if doubts else "",
        said,
        shown,
    )


def _certainty(confidence: float) -> str:
    return f"plate__{certainty(confidence)}"


@register.simple_tag
def local_time(moment: datetime | None, empty: str = "–") -> SafeString:
    """An instant in the agency's zone (Django's current one): "Nov 22, 2026, 14:03:11 −08:00"."""
    if moment is None:
        return format_html("{}", empty)
    here = timezone.localtime(moment)
    offset = here.strftime("%z").replace("-", "−")
    return format_html(
        '<time class="pw-time" datetime="{}">{} <span class="pw-time__offset">{}:{}</span></time>',
        here.isoformat(timespec="seconds"),
        f"{here:%b} {here.day}, {here:%Y, %H:%M:%S}",
        offset[:3],
        offset[3:],
    )


@register.simple_tag
def local_text(text: str) -> SafeString:
    """A recorded value: an instant in the agency's zone, anything else as it stands."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return format_html("{}", text)
    return local_time(moment) if moment.tzinfo else format_html("{}", text)


@register.simple_tag
def age(moment: datetime, now: datetime | None = None) -> SafeString:
    """How long ago an instant was; the page keeps it current."""
    seconds = ((now or timezone.now()) - moment).total_seconds()
    return format_html(
        '<time class="pw-time" datetime="{}" data-age>{}</time>', moment.isoformat(), age_text(seconds)
    )


@register.simple_tag
def badge(status: str, label: str = "", tone: str = "") -> SafeString:
    """A status as a tag: `{% badge alert.status %}`. Its tone follows from the status unless given."""
    tone = tone or _tone_of.get(str(status).upper(), "quiet")
    return format_html('<span class="pw-badge pw-badge--{}">{}</span>', tone, label or words(str(status)))


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], capability: str) -> bool:
    """Whether the person may do what the capability lets one do, for links to pages of other subjects."""
    return bool(context["request"].actor.may(capability))


@register.filter
def words(identifier: str) -> str:
    """Words for an identifier: "patrol-officer" is "Patrol officer"; all-capital words stay as they are."""
    text = str(identifier).replace("-", " ").replace("_", " ")
    return text if text.isupper() else text[:1].upper() + text[1:]


@register.inclusion_tag("ui/pagination.html", takes_context=True)
def pagination(context: dict[str, Any], page: Page[Any]) -> dict[str, Any]:
    """The page links of a Django `Page`, keeping the rest of the address's query."""
    pages = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {"page": page, "pages": list(pages), "request": context["request"]}


@register.simple_tag(takes_context=True)
def page_url(context: dict[str, Any], number: int) -> str:
    """This address with another page number."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@register.filter
def requires_some(form: forms.BaseForm) -> bool:
    """True when some visible field must be filled in, so the mark for it needs its legend."""
    return any(field.field.required for field in form.visible_fields())


@register.inclusion_tag("ui/field.html")
def form_field(field: forms.BoundField) -> dict[str, Any]:
    """One form field in USWDS markup: label, hint, error and control, tied together for screen readers."""
    widget = field.field.widget
    kind, css = _control(widget)
    classes = f"{css} {widget.attrs.get('class', '')}".strip()
    return {"field": field, "kind": kind, "control": field.as_widget(attrs={"class": classes} if css else {})}


def _control(widget: forms.Widget) -> tuple[str, str]:
    """What kind of control a widget is and the USWDS class it takes."""
    if widget.is_hidden:
        return "hidden", ""
    if isinstance(widget, forms.RadioSelect):
        return "choices", ""
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox", "usa-checkbox__input"
    if isinstance(widget, forms.Select):
        return "plain", "usa-select"
    if isinstance(widget, forms.Textarea):
        return "plain", "usa-textarea"
    return "plain", "usa-input"
