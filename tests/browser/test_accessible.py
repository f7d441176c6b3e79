"""The check of pages itself finds what is wrong, also far down in what mostly looks alike."""

import pytest
from playwright.sync_api import Browser

from tests.browsing import Accessible

PAGE = """<!doctype html><html lang="en"><title>Rows</title><style>td {{ color: #222 }}</style>
<main><h1>Rows</h1><table><tr><th>Plate</th></tr>{rows}</table></main></html>"""
ROW = "<tr><td>8ABC123</td></tr>"


def test_one_pale_row_among_a_hundred_is_found_and_a_picture_without_words(
    browser: Browser, accessible: Accessible
) -> None:
    page = browser.new_page()
    page.set_content(PAGE.format(rows=ROW * 100))
    accessible(page)
    page.set_content(
        PAGE.format(rows=ROW * 50 + ROW.replace("<tr>", '<tr style="background: #444">') + ROW * 49)
    )
    with pytest.raises(AssertionError, match="color-contrast"):
        accessible(page)
    page.set_content(PAGE.format(rows='<tr><td><img src="data:,"></td></tr>'))
    with pytest.raises(AssertionError, match="image-alt"):
        accessible(page)
    page.close()
