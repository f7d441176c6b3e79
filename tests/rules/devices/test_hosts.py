import pytest

from plateward.devices.hosts import MOST_HOSTS, allows_host, parse_hosts


def test_hosts_are_kept_in_one_form_each_once() -> None:
    text = "Pictures.Example.com, https://pictures.example.com:443/\nhttp://192.0.2.17:8080\n*.example.org"
    assert parse_hosts(text) == (
        "https://pictures.example.com",
        "http://192.0.2.17:8080",
        "https://*.example.org",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("*.com", "hosts of everybody"),
        ("*", "no host"),
        ("ftp://example.com", "no host"),
        ("example.com/path", "no host"),
        ("me:secret@example.com", "no host"),
        ("example.com:99999", "no host"),
        (" ".join(f"h{n}.example.com" for n in range(MOST_HOSTS + 1)), "At most"),
    ],
)
def test_what_is_no_host_or_means_everybody_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_hosts(text)


@pytest.mark.parametrize(
    ("scheme", "host", "port", "is_allowed"),
    [
        ("https", "pictures.example.com", None, True),
        ("https", "PICTURES.example.com", 443, True),
        ("http", "pictures.example.com", None, False),
        ("https", "pictures.example.com", 8443, False),
        ("https", "evil-pictures.example.com", None, False),
        ("https", "a.b.example.org", None, True),
        ("https", "example.org", None, False),
        ("https", "evilexample.org", None, False),
        ("http", "192.0.2.17", 8080, True),
        ("https", "example.com.evil.test", None, False),
    ],
)
def test_only_the_named_scheme_host_and_port_is_allowed(
    scheme: str, host: str, port: int | None, *, is_allowed: bool
) -> None:
    hosts = ("https://pictures.example.com", "https://*.example.org", "http://192.0.2.17:8080")
    assert allows_host(hosts, scheme, host, port) is is_allowed
