"""Preparing a version by changing single values in forms; what comes of it is a draft like any other."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.accounts.entrance import is_fresh
from plateward.governance import actions, queries, rules, versions
from plateward.governance.http import ActorRequest
from plateward.governance.models import Draft
from plateward.governance.value_forms import (
    CLAUSE_FIELDS,
    DECISION_FIELDS,
    DELEGATED_FIELDS,
    VALUE_FIELDS,
    ValueForm,
    VersionForm,
)
from plateward.policy import (
    Profile,
    ProfileError,
    Setting,
    ValueKind,
    asked,
    compare_profiles,
    conflicts,
    dump_profile,
    label,
    settings,
)
from plateward.policy.labels import part_of
from plateward.ui.access import access
from plateward.ui.acting import form_page


@dataclass(frozen=True, slots=True)
class Editable:
    """One parameter with the address of its form; "" where it is changed in the full text."""

    name: str
    setting: Setting
    url: str
    is_changed: bool


@access(capability=rules.PROPOSE)
@require_GET
def overview(request: ActorRequest) -> HttpResponse:
    """Every value with its ground and the way to change it; what is prepared so far, and proposing it."""
    prepared = _prepared(request)
    return _overview(request, prepared, VersionForm(None, before=prepared, today=request.actor.today))


@access(capability=rules.PROPOSE, fresh=True)
@require_POST
def propose_prepared(request: ActorRequest) -> HttpResponse:
    """Propose what is prepared to a second person."""
    prepared = _prepared(request)
    form = VersionForm(request.POST, before=prepared, today=request.actor.today)
    if form.is_valid() and (made := _proposed(request, form)):
        messages.success(request, "Proposed. It changes nothing before a second person puts it in force.")
        return redirect("governance:draft", pk=made.pk)
    return _overview(request, prepared, form)


def _overview(request: ActorRequest, prepared: Profile, form: VersionForm) -> HttpResponse:
    changes = compare_profiles(request.actor.profile, prepared)
    changed = {".".join(change.path) for change in changes}
    context = {
        "tab": "versions",
        "form": form,
        "in_force": request.actor.profile,
        "parts": versions.parts(changes),
        "conflicts": conflicts(prepared),
        "groups": _groups(prepared, changed),
        "is_begun": queries.prepared_by(request.actor.user_id) is not None,
        "is_fresh": is_fresh(request, timezone.now()),
    }
    return form_page(request, "governance/edit.html", context)


def _prepared(request: ActorRequest) -> Profile:
    """What this person is preparing; a text of an older Plateward is begun anew from the version in force."""
    in_force = queries.adoption_in_force(request.actor.agency)
    space = queries.prepared_by(request.actor.user_id)
    try:
        return queries.prepared(space, in_force)
    except ProfileError:
        messages.warning(request, "What you had prepared can no longer be read. You begin anew.")
        return request.actor.profile


def _groups(profile: Profile, changed: set[str]) -> Sequence[tuple[str, list[Editable]]]:
    listed = [_editable(profile, setting, changed) for setting in settings(profile)]
    in_order = sorted(listed, key=lambda one: part_of(one.setting.path.split(".")))
    return [
        (title, list(group))
        for title, group in groupby(in_order, key=lambda one: part_of(one.setting.path.split(".")))
    ]


def _editable(profile: Profile, setting: Setting, changed: set[str]) -> Editable:
    in_text = asked(profile, setting.path).kind is ValueKind.STRUCTURED
    url = "" if in_text else f"{reverse('governance:edit-value')}?{urlencode({'path': setting.path})}"
    is_changed = any(place.startswith(setting.path) for place in changed)
    return Editable(label(profile, setting.path.split(".")), setting, url, is_changed)


def _proposed(request: ActorRequest, form: VersionForm) -> Draft | None:
    try:
        return actions.propose(
            profile_bytes=dump_profile(form.profile),
            why=form.cleaned_data["why"],
            by=request.actor,
            now=timezone.now(),
        )
    except actions.AdoptionRefusedError as refused:
        form.add_error("version", str(refused))
    except ValidationError as error:
        form.add_error(None, error)
    return None


@access(capability=rules.PROPOSE)
@require_http_methods(["GET", "POST"])
def value(request: ActorRequest) -> HttpResponse:
    """Change one value and what it stands on."""
    prepared, path = _prepared(request), request.GET.get("path", "")
    setting = next((one for one in settings(prepared) if one.path == path), None)
    if setting is None or asked(prepared, path).kind is ValueKind.STRUCTURED:
        raise Http404
    actor = request.actor
    by = f"{actor.name}, {actor.title_name}"
    form = ValueForm(request.POST or None, before=prepared, path=path, by=by, today=actor.today)
    if form.is_valid():
        actions.prepare(profile=form.profile, by=actor, now=timezone.now())
        messages.success(request, "Changed in what you prepare. It holds when it is proposed and adopted.")
        return redirect("governance:edit")
    context = {
        "tab": "versions",
        "form": form,
        "name": label(prepared, path.split(".")),
        "setting": setting,
        "in_force": next((one for one in settings(actor.profile) if one.path == path), None),
        "sharing": _sharing(prepared, setting),
        "groups": [
            ("value", _fields(form, VALUE_FIELDS)),
            ("clause", _fields(form, CLAUSE_FIELDS)),
            ("delegated", _fields(form, DELEGATED_FIELDS)),
            ("local", _fields(form, DECISION_FIELDS)),
        ],
    }
    return form_page(request, "governance/edit_value.html", context)


def _fields(form: ValueForm, names: Sequence[str]) -> list[object]:
    return [form[name] for name in names if name in form.fields]


def _sharing(profile: Profile, setting: Setting) -> list[str]:
    """What else rests on the same local decision, whose words change with it."""
    return [
        label(profile, other.path.split("."))
        for other in settings(profile)
        if setting.decision is not None and other.decision is setting.decision and other.path != setting.path
    ]


@access(capability=rules.PROPOSE)
@require_POST
def discard(request: ActorRequest) -> HttpResponse:
    """Throw away what is prepared."""
    actions.discard_prepared(by=request.actor)
    messages.success(request, "Discarded. The version in force stays as it is.")
    return redirect("governance:edit")
