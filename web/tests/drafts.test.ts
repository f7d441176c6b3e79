import { beforeEach, expect, test } from "vitest";
import { keepDrafts } from "../src/drafts";
import { forgetOthers } from "../src/person";

const FORM = `<form data-act="Disposition" action="/alerts/1/disposition"><input type="hidden" name="act" value="n"><textarea name="note"></textarea>
  <input type="radio" name="result" value="A"><input type="radio" name="result" value="B"></form>`;
const note = () => document.querySelector("textarea")!;

beforeEach(() => {
  sessionStorage.clear();
  document.body.dataset["person"] = "dunn";
  document.body.innerHTML = FORM;
  keepDrafts();
});

function type(): void {
  note().value = "Stopped at Barstow Road";
  document.querySelector<HTMLInputElement>("[value=B]")!.checked = true;
  note().dispatchEvent(new Event("input", { bubbles: true }));
}

test("what was typed is there after a reload, and gone once it was sent", () => {
  type();
  document.body.innerHTML = FORM;
  document.body.dispatchEvent(new Event("htmx:afterSettle", { bubbles: true }));
  expect(note().value).toBe("Stopped at Barstow Road");
  expect(document.querySelector<HTMLInputElement>("[value=B]")!.checked).toBe(true);
  const elt = document.querySelector("form")!;
  elt.dispatchEvent(new CustomEvent("htmx:afterRequest", { bubbles: true, detail: { elt, successful: true } }));
  document.body.innerHTML = FORM;
  document.body.dispatchEvent(new Event("htmx:afterSettle", { bubbles: true }));
  expect(note().value).toBe("");
});

test("the next person at the computer finds nothing of it", () => {
  type();
  expect(sessionStorage.length).toBe(1);
  document.body.dataset["person"] = "doyle";
  forgetOthers();
  expect(sessionStorage.length).toBe(0);
});
