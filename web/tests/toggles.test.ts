import { expect, test } from "vitest";
import { toggleButtons } from "../src/toggles";

test("the menu button opens and closes the menu and says so", () => {
  document.body.innerHTML = `<button data-toggles="menu" aria-expanded="false"></button>
    <ul id="menu" data-closed></ul>`;
  toggleButtons();
  const [button, menu] = [document.querySelector("button")!, document.getElementById("menu")!];
  const state = () => [button.getAttribute("aria-expanded"), menu.hasAttribute("data-closed")];
  button.click();
  expect(state()).toEqual(["true", false]);
  button.click();
  expect(state()).toEqual(["false", true]);
});
