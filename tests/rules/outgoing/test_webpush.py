"""Messages to browsers, as the standards' own examples have them."""

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from plateward.outgoing import webpush
from plateward.outgoing.webpush import Subscription, bytes_of, text_of
from tests.pushing import Browser

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

# RFC 8291, section 5 and appendix A.
OURS = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
THEIRS = Subscription(
    "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "BTBZMqHH6r4Tts7J_aSIgg",
)
MESSAGE = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w"
    "EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_a_message_is_encrypted_as_in_the_standards_own_example() -> None:
    ours = ec.derive_private_key(int.from_bytes(bytes_of(OURS)), ec.SECP256R1())
    plain = b"When I grow up, I want to be a watermelon"
    made = webpush.encrypted(plain, THEIRS, ours, bytes_of("DGv6ra1nlYgDCS1FRnbzlw"))
    assert text_of(made) == MESSAGE


LONGEST = "é警" * 250
"""Longer than a camera's and a category's name come to, each of 100 letters, with the words about them."""


def test_a_browser_reads_what_was_meant_for_it_and_its_length_tells_nothing() -> None:
    browser, key = Browser(), webpush.new_key()
    short, long = (
        webpush.sealed(
            {"title": said},
            browser.at("https://push.example/1"),
            key,
            "https://a.example",
            "t",
            NOW,
            is_urgent=True,
        )
        for said in ("a", LONGEST)
    )
    assert [json.loads(browser.opened(one.body))["title"] for one in (short, long)] == ["a", LONGEST]
    assert len(short.body) == len(long.body)
    assert (short.headers["TTL"], short.headers["Urgency"], short.headers["Topic"]) == ("3600", "high", "t")


def test_a_push_service_can_prove_who_sends_and_for_whom_by_rfc_8292() -> None:
    key = webpush.new_key()
    said, _, signature = webpush.proof(key, THEIRS.endpoint, "https://alpr.example", NOW).rpartition(".")
    header, claims = (json.loads(bytes_of(part)) for part in said.split("."))
    assert header == {"typ": "JWT", "alg": "ES256"}
    until = int(NOW.timestamp()) + 12 * 3600
    assert claims == {"aud": "https://push.example.net", "exp": until, "sub": "https://alpr.example"}
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(webpush.public_half(key)))
    raw = bytes_of(signature)
    numbers = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    point.verify(numbers, said.encode(), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize(
    ("p256dh", "auth", "why"),
    [
        (THEIRS.p256dh, "c2hvcnQ", "16 bytes"),
        (THEIRS.p256dh, "?", "base64"),
        (text_of(b"\4" + b"\1" * 64), THEIRS.auth, "P-256"),
        ("", THEIRS.auth, "P-256"),
    ],
)
def test_keys_with_which_nothing_can_be_encrypted_are_refused(p256dh: str, auth: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"(?i){why}|Only base64|padding"):
        webpush.check_subscription(Subscription("https://push.example.net/1", p256dh, auth))
