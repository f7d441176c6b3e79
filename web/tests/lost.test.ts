import { expect, test } from "vitest";
import { isLost } from "../src/lost";

const happened = (name: string, act: boolean, status = 0, responseText = "") => {
  const elt = document.createElement("form");
  if (act) elt.dataset["act"] = "Step";
  return new CustomEvent(name, { detail: { elt, xhr: { status, responseText } } });
};

test("an act is lost when no answer came or a proxy answered, not when it was refused", () => {
  expect(isLost(happened("htmx:sendError", true))).toBe(true);
  expect(isLost(happened("htmx:sendError", false))).toBe(false);
  expect(isLost(happened("htmx:responseError", true, 502))).toBe(true);
  expect(isLost(happened("htmx:responseError", true, 503, "<section data-refusal>The journal"))).toBe(false);
  expect(isLost(happened("htmx:responseError", true, 409))).toBe(false);
});
