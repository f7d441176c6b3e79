import { beforeAll, beforeEach, expect, test } from "vitest";
import { showFailures } from "../src/failures";

const REFUSED = `<html><header>Frame</header>
  <section data-refusal><p>Locked until confirmed. B-466.9(d)</p></section></html>`;
const region = () => document.getElementById("failure")!;
const fire = (name: string, detail: object) => document.dispatchEvent(new CustomEvent(name, { detail }));
const byClick = { requestConfig: { triggeringEvent: new Event("click") } };

beforeAll(showFailures);
beforeEach(() => (document.body.innerHTML = '<div id="failure" hidden></div>'));

test("a refusal shows the server's own reason and clause, without its page", () => {
  fire("htmx:responseError", { ...byClick, xhr: { responseText: REFUSED } });
  expect(region().hidden).toBe(false);
  expect(region().textContent).toContain("B-466.9(d)");
  expect(region().textContent).not.toContain("Frame");
});

test("an unreachable server is said, and the next try clears it", () => {
  fire("htmx:sendError", byClick);
  expect(region().textContent).toContain("cannot be reached");
  fire("htmx:beforeRequest", byClick);
  expect(region().hidden).toBe(true);
});

test.each(["poll", "sse:alerts"])("a background refresh (%s) fails quietly", (cause) => {
  fire("htmx:responseError", { requestConfig: { triggeringEvent: new Event(cause) }, xhr: { responseText: REFUSED } });
  expect(region().hidden).toBe(true);
});
