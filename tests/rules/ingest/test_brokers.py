"""The file that names MQTT brokers, and whose a message on them is."""

from pathlib import Path
from uuid import UUID

import pytest

from plateward.ingest.brokers import Source, load
from plateward.ingest.mqtt import Message, source_of
from plateward.ingest.topics import covers

DRIVE, GATE = UUID(int=1), UUID(int=2)
FILE = """
[[broker]]
host = "mqtt.example"
username = "plateward"
password_file = "mqtt.password"

[[broker.source]]
device = "00000000-0000-0000-0000-000000000001"
topics = ["frigate/events", "frigate/tracked_object_update"]
format = "frigate"
camera = "drive"
"""


def loaded(tmp_path: Path, text: str) -> Path:
    (tmp_path / "mqtt.password").write_text("secret\n")
    path = tmp_path / "mqtt.toml"
    path.write_text(text)
    return path


def test_a_broker_is_reached_over_tls_with_the_password_from_its_file(tmp_path: Path) -> None:
    (broker,) = load(loaded(tmp_path, FILE))
    assert (broker.port, broker.tls, broker.password) == (8883, True, "secret")
    assert broker.sources[0].camera == "drive"
    assert "secret" not in repr(broker)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('host = "mqtt.example"', 'host = "mqtt.example"\ntls = false', "in clear: set tls = true"),
        ('password_file = "mqtt.password"\n', "", "belong together"),
        ('format = "frigate"', 'format = "polaroid"', "is none of"),
        ('topics = ["frigate/events", "frigate/tracked_object_update"]', "topics = []", "at least one topic"),
        ('"00000000-0000-0000-0000-000000000001"', '"drive"', "device"),
        ('password_file = "mqtt.password"', 'password_file = "none"', "cannot be read"),
        ('camera = "drive"', 'kamera = "drive"', "kamera"),
        ("[[broker]]", "broker = []\n[x]", "mqtt.toml|names no"),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        load(loaded(tmp_path, FILE.replace(old, new)))


def test_an_agency_s_people_may_set_topics_where_the_file_says_so(tmp_path: Path) -> None:
    text = '[[broker]]\nhost = "mqtt.example"\n[[broker.agency]]\nid = "barstow-pd"\ntopics = ["barstow/#"]\n'
    (broker,) = load(loaded(tmp_path, text))
    assert (broker.sources, broker.agencies[0].topics) == ((), ("barstow/#",))
    with pytest.raises(ValueError, match="at least one topic that it may take"):
        load(loaded(tmp_path, text.replace('["barstow/#"]', "[]")))
    with pytest.raises(ValueError, match=r"\[\[broker.agency\]\]"):
        load(loaded(tmp_path, '[[broker]]\nhost = "mqtt.example"\n'))


@pytest.mark.parametrize(
    ("allowed", "wanted", "is_covered"),
    [
        ("barstow/#", "barstow/main/events", True),
        ("barstow/#", "barstow", True),
        ("barstow/#", "barstow/+/events", True),
        ("barstow/#", "hp/main", False),
        ("barstow/#", "+/main", False),
        ("barstow/+", "barstow/#", False),
        ("barstow/+", "barstow/main", True),
        ("barstow/+", "barstow/main/events", False),
        ("barstow/main", "barstow/main", True),
        ("barstow/main", "barstow", False),
        ("#", "anything/at/all", True),
        ("#", "$SYS/broker", False),
    ],
)
def test_a_filter_covers_another_only_with_every_topic_of_it(
    allowed: str, wanted: str, *, is_covered: bool
) -> None:
    assert covers(allowed, wanted) is is_covered


def source(device: UUID, topic: str = "frigate/+", camera: str = "") -> Source:
    return Source(device=device, topics=(topic,), format="frigate", camera=camera)


def test_a_message_is_its_cameras_or_its_topics() -> None:
    both = (source(DRIVE, camera="drive"), source(GATE, camera="gate"))
    event = Message("frigate/events", b'{"type": "end", "after": {"camera": "gate"}}')
    update = Message("frigate/tracked_object_update", b'{"camera": "drive"}')
    assert source_of(both, event) == both[1]
    assert source_of(both, update) == both[0]
    assert source_of(both, Message("frigate/events", b'{"after": {"camera": "yard"}}')) is None
    assert source_of(both, Message("frigate/events", b"\xff no JSON")) is None
    rest = (source(GATE), source(DRIVE, camera="drive"))
    assert source_of(rest, update) == rest[1]
    assert source_of(rest, event) == rest[0]
    assert source_of(rest, Message("elsewhere", b"{}")) is None
