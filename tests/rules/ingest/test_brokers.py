"""The file that names MQTT brokers, and whose a message on them is."""

from pathlib import Path
from uuid import UUID

import pytest

from plateward.ingest.brokers import Source, load, refuse_shared_topics
from plateward.ingest.mqtt import Message, source_of
from plateward.ingest.topics import covers, meet

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
        ('"frigate/events", ', '"frigate/#/events", ', "'frigate/#/events' is no topic"),
        ('"frigate/events", ', '"", ', "'' is no topic"),
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


@pytest.mark.parametrize(
    ("one", "other", "do_meet"),
    [
        ("frigate/#", "frigate/events", True),
        ("frigate/#", "frigate", True),
        ("frigate/+/events", "+/drive/#", True),
        ("frigate/+", "frigate/drive/events", False),
        ("barstow/#", "hp/#", False),
        ("barstow/#", "+/events", True),
        ("#", "hp/events", True),
        ("#", "$SYS/broker", False),
        ("frigate/events", "frigate/events", True),
    ],
)
def test_two_filters_meet_where_a_topic_is_taken_by_both(one: str, other: str, *, do_meet: bool) -> None:
    assert (meet(one, other), meet(other, one)) == (do_meet, do_meet)


TWO_AGENCIES = """
[[broker]]
host = "mqtt.example"
[[broker.agency]]
id = "barstow-pd"
topics = ["barstow/#"]

[[broker]]
host = "MQTT.example"
client_id = "second"
[[broker.agency]]
id = "huntington-park-pd"
topics = ["hp/#"]
[[broker.source]]
device = "00000000-0000-0000-0000-000000000002"
topics = ["gate/events"]
format = "frigate"
"""


def test_two_agencies_share_no_topics_of_one_broker(tmp_path: Path) -> None:
    """Else somebody of one could set the other's topic in the browser, and have its reads."""
    brokers = load(loaded(tmp_path, TWO_AGENCIES))
    refuse_shared_topics(brokers, {GATE: "huntington-park-pd"})
    with pytest.raises(
        ValueError, match=r"“barstow/#”, which barstow-pd may set, and “[+]/events”, which hunt.* meet"
    ):
        load(loaded(tmp_path, TWO_AGENCIES.replace("hp/#", "+/events")))
    load(
        loaded(
            tmp_path, TWO_AGENCIES.replace("hp/#", "+/events").replace('"MQTT.example"', '"other.example"')
        )
    )


def test_what_the_file_gives_to_one_agencys_device_no_other_agency_may_set(tmp_path: Path) -> None:
    brokers = load(loaded(tmp_path, TWO_AGENCIES.replace("gate/events", "barstow/gate")))
    refuse_shared_topics(brokers, {GATE: "barstow-pd"})
    refuse_shared_topics(brokers, {})
    with pytest.raises(
        ValueError, match=r"“barstow/gate”, which huntington-park-pd takes by a .* topics of its own"
    ):
        refuse_shared_topics(brokers, {GATE: "huntington-park-pd"})


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
