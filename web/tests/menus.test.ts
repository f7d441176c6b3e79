import { beforeAll, beforeEach, expect, test } from "vitest";
import { menuGroups } from "../src/menus";
import { toggleButtons } from "../src/toggles";

const GROUP = (name: string) => `<li data-menu><button data-toggles="${name}" aria-expanded="false">${name}</button>
  <ul id="${name}" data-closed><li><a href="/${name}">${name}</a></li></ul></li>`;

beforeAll(() => {
  toggleButtons();
  menuGroups();
});
beforeEach(() => {
  document.body.innerHTML = `<ul>${GROUP("one")}${GROUP("two")}</ul><a id="elsewhere" href="/">Elsewhere</a>`;
});

const button = (name: string) => document.querySelector<HTMLButtonElement>(`[data-toggles="${name}"]`)!;
const opened = () => ["one", "two"].filter((name) => !document.getElementById(name)!.hasAttribute("data-closed"));

test("one group is open at a time", () => {
  button("one").click();
  expect(opened()).toEqual(["one"]);
  button("two").click();
  expect(opened()).toEqual(["two"]);
});

test("a click elsewhere closes it", () => {
  button("one").click();
  document.body.click();
  expect(opened()).toEqual([]);
  expect(button("one").getAttribute("aria-expanded")).toBe("false");
});

test("Escape closes it and gives the focus back to its button", () => {
  button("one").click();
  const link = document.querySelector<HTMLAnchorElement>("#one a")!;
  link.focus();
  link.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  expect(opened()).toEqual([]);
  expect(document.activeElement).toBe(button("one"));
});

test("the focus leaving it closes it, the focus moving within does not", () => {
  button("one").click();
  document.querySelector<HTMLAnchorElement>("#one a")!.focus();
  expect(opened()).toEqual(["one"]);
  document.getElementById("elsewhere")!.focus();
  expect(opened()).toEqual([]);
});
