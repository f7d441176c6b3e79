import { expect, test } from "vitest";
import { ageText, refreshAges } from "../src/ages";
import cases from "./ages.json";

test.each(cases as [number, string][])("%d seconds read %s, as on the server", (seconds, words) => {
  expect(ageText(seconds)).toBe(words);
});

test("ages on the page move on", () => {
  document.body.innerHTML = `<time datetime="2026-01-01T00:00:00Z" data-age>0 s</time>
    <time datetime="2026-01-01">x</time>`;
  refreshAges(document, Date.parse("2026-01-01T03:12:30Z"));
  expect([...document.querySelectorAll("time")].map((each) => each.textContent)).toEqual(["3 h 12 min", "x"]);
});
