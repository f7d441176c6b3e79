import { beforeEach, expect, test, vi } from "vitest";
import { pageKeys } from "../src/keys";

const DIALOG = `<dialog data-keys><input type="checkbox" data-keys-switch checked></dialog>`;
const key = (letter: string, target: Element = document.body) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key: letter, bubbles: true, cancelable: true }));
let pressed: () => void;

beforeEach(() => {
  localStorage.clear();
  pressed = vi.fn();
  document.body.innerHTML = `${DIALOG}<button data-key="t">Take</button><details data-key="c"><summary>Answer</summary><input id="in"></details>
    <ul data-rows><li data-row tabindex="-1" id="a"></li><li data-row tabindex="-1" id="b"></li></ul>`;
  document.querySelector("button")!.addEventListener("click", pressed);
});

test("a letter presses its button, opens its fold, walks the list; not while somebody types", () => {
  pageKeys();
  key("t");
  expect(pressed).toHaveBeenCalledOnce();
  key("c");
  expect(document.activeElement!.id).toBe("in");
  key("t", document.getElementById("in")!);
  expect(pressed).toHaveBeenCalledOnce();
  key("j");
  expect(document.activeElement!.id).toBe("a");
});

test("a letter reaches its second best where nothing is next", () => {
  document.body.insertAdjacentHTML("beforeend", `<p tabindex="-1" data-key-else="s" id="open"></p><p tabindex="-1" data-key="s" id="now"></p>`);
  document.querySelectorAll("p").forEach((part) => (part.scrollIntoView = () => {}));
  pageKeys();
  key("s");
  expect(document.activeElement!.id).toBe("now");
  document.getElementById("now")!.remove();
  key("s");
  expect(document.activeElement!.id).toBe("open");
});

test("switched off, no letter does anything, and it stays off", () => {
  const control = document.querySelector<HTMLInputElement>("[data-keys-switch]")!;
  pageKeys();
  control.checked = false;
  control.dispatchEvent(new Event("change"));
  key("t");
  expect(pressed).not.toHaveBeenCalled();
  expect(localStorage.getItem("plateward.keys.")).toBe("off");
});
