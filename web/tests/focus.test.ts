import { expect, test } from "vitest";
import { focusOnArrival } from "../src/focus";

test("an error summary takes the focus, on a new page and in a swapped-in form", () => {
  document.body.innerHTML = '<div id="old" tabindex="-1" data-focus></div><section></section>';
  focusOnArrival();
  expect(document.activeElement?.id).toBe("old");
  const section = document.querySelector("section")!;
  section.innerHTML = '<div id="new" tabindex="-1" data-focus></div>';
  section.dispatchEvent(new Event("htmx:afterSettle", { bubbles: true }));
  expect(document.activeElement?.id).toBe("new");
});

test("a part swapped in out of band takes the focus itself", () => {
  document.body.innerHTML = '<button></button><ol><li id="step" tabindex="-1" data-focus></li></ol>';
  document.querySelector("button")!.focus();
  focusOnArrival();
  document.querySelector("button")!.focus();
  document.querySelector("li")!.dispatchEvent(new Event("htmx:afterSettle", { bubbles: true }));
  expect(document.activeElement?.id).toBe("step");
});
