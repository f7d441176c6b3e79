import pytest

from plateward.unitwire import codes


def test_a_code_is_read_as_it_was_meant() -> None:
    assert codes.enrollment_code(" 7k3m-9qxa oote ") == "7K3M9QXA00TE"
    assert codes.in_groups("7K3M9QXA00TE") == "7K3M-9QXA-00TE"
    assert codes.sign_in_code("bcdf-ghjk") == "BCDFGHJK"


@pytest.mark.parametrize(
    "typed", ["", "7K3M-9QXA-00T", "7K3M-9QXA-00TU", "7K3M-9QXA-00TEE", "7K3M-9QXA-00T!"]
)
def test_what_is_no_enrollment_code_means_none(typed: str) -> None:
    assert codes.enrollment_code(typed) == ""


@pytest.mark.parametrize("typed", ["", "BCDF-GHJ", "ABCD-EFGH", "BCDF-GHJK-L"])
def test_what_is_no_sign_in_code_means_none(typed: str) -> None:
    assert codes.sign_in_code(typed) == ""


def test_fresh_codes_are_such_codes_and_differ() -> None:
    made = {codes.new_enrollment_code() for _ in range(20)}
    assert len(made) == 20
    assert {codes.enrollment_code(codes.in_groups(one)) for one in made} == made
    spoken = codes.new_sign_in_code()
    assert codes.sign_in_code(codes.in_groups(spoken)) == spoken
