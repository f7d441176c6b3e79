"""A video before a unit becomes an alert on the dispatch console: every part as it is in production."""

import os
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from plateward.config.commands.edge import PICTURES
from plateward.config.processes import spawn
from plateward.edge.drawing import approaching, receding, write_video
from plateward.reads.models import Read
from tests.alarms import wanted
from tests.browsing import Accessible, PageAs, Site
from tests.edge.units import until
from tests.servers import COMMAND_LINE
from tests.units import car, code_for

FRAMES_PER_S = 4


def settings_of(site: Site, folder: Path) -> Path:
    path = folder / "unit.toml"
    path.write_text(
        f'[unit]\nserver = "{site.base_url}"\ndata = "state"\nkey_file = "unit.key"\n\n'
        "[screen]\nport = 0\n\n"
        f'[[source]]\nname = "front"\nvideo = "drive.avi"\ncaptured = "now"\nframes_per_s = {FRAMES_PER_S}\n'
        "latitude = 34.8958\nlongitude = -117.0173\nheading_deg = 0\n",
        encoding="utf-8",
    )
    return path


def edge(settings: Path, *words: str) -> subprocess.Popen[bytes]:
    with (settings.parent / f"{words[0]}.log").open("wb") as log:
        return spawn(
            [*COMMAND_LINE, "edge", "--settings", settings, *words], env=os.environ, output=log.fileno()
        )


@pytest.mark.clause("B-466.9(a)", "B-466.5", "H-426.4")
def test_a_video_goes_through_the_unit_and_intake_to_an_alert_on_the_console(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path, tmp_path: Path
) -> None:
    drive = (approaching(PICTURES / "scene-005.jpg", 1.5), receding(PICTURES / "scene-001.jpg", 1.5))
    write_video(tmp_path / "drive.avi", drive, FRAMES_PER_S)
    wanted(site.barstow, "8YHR948", site.now)
    settings = settings_of(site, tmp_path)
    code = code_for(car(site.barstow, site.now), site.barstow, site.now)
    assert edge(settings, "enroll", code).wait(30) == 0, (tmp_path / "enroll.log").read_text()
    dunn = page_as("dunn")
    dunn.goto("/dispatch/")
    expect(dunn.locator(".pw-live")).to_have_text("Live")
    unit = edge(settings, "run")
    try:
        expect(dunn.locator("#announcer")).to_contain_text("plate 8YHR948", timeout=30_000)
        row = dunn.locator("#queue [data-row]")
        expect(row).to_contain_text("UNVERIFIED")
        row.get_by_role("link").click()
        scene = dunn.locator("#scene")
        width = "image => image.decode().then(() => image.naturalWidth)"
        assert scene.locator("img.pw-picture").evaluate(width) == 1280
        expect(dunn.locator("#where")).to_contain_text("Southbound")
        accessible(dunn)
        dunn.screenshot(path=screenshots / "console-video.png", full_page=True)
        until(lambda: Read.objects.count() > 1, "the second car arrives", 30)
    finally:
        unit.terminate()
    assert unit.wait(30) == 0, (tmp_path / "run.log").read_text()
    reads = Read.objects.order_by("captured_at").values_list("plate", "direction")
    assert list(reads) == [("8YHR948", "APPROACHING"), ("9CJD779", "RECEDING")], "one read for each pass"
