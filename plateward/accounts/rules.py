"""Who certifies whose training, and what keeps a person out (B-466.4(d), B-466.8, H-426.3(d), H-426.7)."""

from datetime import date

from plateward.policy import Decision, PersonFact, Profile, deny, enforces, may


@enforces("B-466.8-record", "H-426.7")
def may_certify(profile: Profile, certifier: PersonFact, person_id: str) -> Decision:
    """Whether `certifier` may put the training of the account `person_id` on file; never their own."""
    capable = may(profile, certifier.title, "training.certify", certifier.positions)
    if not capable or certifier.id != person_id:
        return capable
    assigner = profile.access.permission_assigner.settled
    whom = f"the {profile.position_name(assigner)}" if assigner else "the agency's ALPR administrator"
    return deny(
        profile,
        profile.training.certifier,
        "Nobody certifies their own training.",
        f"Ask {whom} who certifies it instead.",
    )


def certification_problem(
    profile: Profile, course: str, completed_date: date, expires_date: date | None, today: date
) -> tuple[str, str] | None:
    """The field and what is wrong with it, or None."""
    if course not in profile.training.courses:
        return "course", "This course is not one of the policy's. Choose one of the list."
    if completed_date > today:
        return (
            "completed_date",
            "This day has not come yet. Enter the day on which the training was completed.",
        )
    if expires_date is not None and expires_date <= completed_date:
        return "expires_date", "The certificate must end after the day of completion."
    return None
