import { beforeEach, expect, test, vi } from "vitest";
import { listUnsent } from "../src/unsent";

// It needs an XPath that the tests' document lacks; here it would only listen for the form's sending.
vi.mock("htmx.org", () => ({ default: { process: () => undefined } }));

const STEP = "/alerts/1/steps/confirm";
const NOTE = "/alerts/1/units";
const DIRECTION = "/alerts/1/steps/update-direction";
const page = '<section id="unsent" data-recorded="/alerts/recorded" hidden><ul></ul></section>';
const recorded = vi.fn<(address: string) => string[]>(() => []);
const listed = () => [...document.querySelectorAll("#unsent li span")].map((one) => one.textContent!.split(",")[0]);

vi.stubGlobal("fetch", (address: string) => Promise.resolve({ ok: true, json: () => Promise.resolve(recorded(address)) }));
document.body.innerHTML = page;
document.body.dataset["person"] = "dunn";
listUnsent();

beforeEach(() => {
  sessionStorage.clear();
  recorded.mockReset().mockReturnValue([]);
  document.body.innerHTML = page;
});

/** A press of a form's button, and what became of the request. */
function pressed(name: string, path: string, values: Record<string, string>, { status = 0, isOnce = true } = {}): void {
  const elt = document.createElement("form");
  elt.dataset["act"] = path === STEP ? "Confirm" : "Unit log";
  if (isOnce && path === STEP) elt.dataset["once"] = "";
  document.body.append(elt);
  const formData = new FormData();
  for (const [key, value] of Object.entries(values)) formData.append(key, value);
  const successful = status >= 200 && status < 300;
  const detail = { elt, successful, xhr: { status, responseText: "" }, requestConfig: { path, formData } };
  elt.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
}
const lost = (path: string, values: Record<string, string>) => pressed("htmx:sendError", path, values);
const answered = (path: string, values: Record<string, string>, status = 204) => pressed("htmx:afterRequest", path, values, { status });

test("a step pressed anew on a renewed page takes the old entry with it", () => {
  lost(STEP, { act: "a1", outcome: "DONE", seen: "0" });
  expect(listed()).toEqual(["Confirm"]);
  answered(STEP, { act: "b2", outcome: "DONE", seen: "0", hit: "h" });
  expect(listed()).toEqual([]);
});

test("another step, and other words for the unit log, leave it where it is", () => {
  lost(STEP, { act: "a1", outcome: "DONE" });
  lost(NOTE, { act: "a2", unit: "4A12", text: "On scene" });
  answered("/alerts/2/steps/confirm", { act: "b1", outcome: "DONE" });
  answered(NOTE, { act: "b2", unit: "4A12", text: "Code 4" });
  expect(listed()).toEqual(["Confirm", "Unit log"]);
  answered(NOTE, { act: "b3", unit: "4A12", text: "On scene" });
  expect(listed()).toEqual(["Confirm"]);
});

test("telling units of another sighting is another act, sent or not; the same one pressed anew is not", () => {
  lost(DIRECTION, { act: "a1", outcome: "DONE", seen: "1", hit: "h1" });
  lost(DIRECTION, { act: "b1", outcome: "DONE", seen: "1", hit: "h2" });
  lost(DIRECTION, { act: "c1", outcome: "DONE", seen: "2", hit: "h2" });
  const kept = () => [...document.querySelectorAll<HTMLInputElement>("#unsent [name=act]")].map((one) => one.value);
  expect(kept()).toEqual(["a1", "b1"]);
  answered(DIRECTION, { act: "d1", outcome: "DONE", seen: "1", hit: "h2" });
  expect(kept()).toEqual(["a1"]);
});

test("a step that is done once is listed once, whatever the screen showed", () => {
  lost(STEP, { act: "a1", outcome: "DONE", seen: "0", hit: "h1" });
  lost(STEP, { act: "b1", outcome: "DONE", seen: "0", hit: "h2" });
  expect(listed()).toEqual(["Confirm"]);
});

test("a refused act stays listed", () => {
  lost(NOTE, { act: "a2", unit: "4A12", text: "On scene" });
  for (const status of [409, 422]) answered(NOTE, { act: "a2", unit: "4A12", text: "On scene" }, status);
  expect(listed()).toEqual(["Unit log"]);
});

test("pressed again without network it is listed once, by its first number, which may have arrived", () => {
  lost(NOTE, { act: "a1", unit: "4A12", text: "On scene" });
  lost(NOTE, { act: "b2", unit: "4A12", text: "On scene" });
  expect(listed()).toEqual(["Unit log"]);
  expect(document.querySelector<HTMLInputElement>("#unsent [name=act]")!.value).toBe("a1");
});

test("what the server has on record leaves the list once there is a connection", async () => {
  lost(STEP, { act: "a1", outcome: "DONE" });
  lost(NOTE, { act: "a2", unit: "4A12", text: "On scene" });
  recorded.mockReturnValue(["a1"]);
  document.dispatchEvent(new Event("htmx:sseOpen"));
  await vi.waitFor(() => expect(listed()).toEqual(["Unit log"]));
  expect(recorded).toHaveBeenCalledWith("/alerts/recorded?act=a1&act=a2");
});
