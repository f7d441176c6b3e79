import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { rowKeys } from "../src/rows";

beforeAll(rowKeys);
beforeEach(() => {
  document.body.innerHTML = `<input id="outside"><ul data-rows>
    <li data-row id="a" tabindex="-1"><a href="#a">Open</a></li>
    <li data-row id="b" tabindex="-1"><a href="#b">Open</a><input id="inside"></li></ul>`;
});

const element = (id: string) => document.getElementById(id)!;
const press = (key: string) =>
  document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));

test("j and k walk the rows and stop at the ends", () => {
  element("a").focus();
  press("j");
  expect(document.activeElement).toBe(element("b"));
  press("j");
  expect(document.activeElement).toBe(element("b"));
  press("k");
  press("k");
  expect(document.activeElement).toBe(element("a"));
});

test("Enter opens the row's first link", () => {
  const opened = vi.fn((event: Event) => event.preventDefault());
  element("b").querySelector("a")!.addEventListener("click", opened);
  element("b").focus();
  press("Enter");
  expect(opened).toHaveBeenCalledOnce();
});

test.each(["outside", "inside"])("letters typed %s the list's rows are letters", (field) => {
  element(field).focus();
  press("j");
  expect(document.activeElement).toBe(element(field));
});
