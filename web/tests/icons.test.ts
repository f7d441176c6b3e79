import { expect, test } from "vitest";
// @ts-expect-error -- the build's own plugin is plain JavaScript
import { symbol } from "../icons.js";

test("an icon becomes a symbol that templates can name", () => {
  expect(symbol("check", '<svg width="24" viewBox="0 0 24 24"><path d="M9"/></svg>')).toBe(
    '<symbol id="check" viewBox="0 0 24 24"><path d="M9"/></symbol>',
  );
});

test("anything else fails the build", () => {
  expect(() => symbol("check", "<p>")).toThrow("check");
});
