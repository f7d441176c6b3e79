import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { confirmFirst } from "../src/confirm";

let sent: number;
const settle = () => new Promise((done) => setTimeout(done));
const dialog = () => document.getElementById("confirm") as HTMLDialogElement;

beforeAll(confirmFirst);
beforeEach(() => {
  sent = 0;
  document.body.innerHTML = `<form data-confirm="Remove this entry?"><button>Remove</button></form>
    <dialog id="confirm"><h2></h2></dialog>`;
  document.querySelector("form")!.addEventListener("submit", (event) => {
    event.preventDefault();
    sent += 1;
  });
});

async function removeAnd(answer: string): Promise<void> {
  document.querySelector("form")!.requestSubmit();
  expect(dialog().open).toBe(true);
  expect(dialog().textContent).toContain("Remove this entry?");
  dialog().close(answer);
  await settle();
}

test("a form is sent after the person continues", async () => {
  await removeAnd("yes");
  expect(sent).toBe(1);
});

test("a form stays unsent when the person cancels", async () => {
  await removeAnd("no");
  expect(sent).toBe(0);
});

test("htmx's hx-confirm asks in the same dialog", async () => {
  const issueRequest = vi.fn();
  const event = new CustomEvent("htmx:confirm", { cancelable: true, detail: { question: "Close it?", issueRequest } });
  document.dispatchEvent(event);
  expect(event.defaultPrevented).toBe(true);
  dialog().close("yes");
  await settle();
  expect(issueRequest).toHaveBeenCalledWith(true);
});
