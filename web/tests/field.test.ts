import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Field, SILENT_MS, stored, TRIES, words } from "../src/field";

const HANDED = `<div id="acts" data-handed><form action="/field/1/act" data-field-act="1" data-label="How an alert ended">
  <input type="hidden" name="kind" value="DISPOSE">
  <label for="code">Outcome <abbr>*</abbr></label><select id="code" name="code"><option value=""></option><option value="a" selected>Arrest</option></select>
  <fieldset><legend>Was a stop made?</legend><input type="radio" id="yes" name="stop" value="yes" checked><label for="yes">Yes</label></fieldset>
  <label for="note">Note</label><textarea id="note" name="note">Ran at Main</textarea><button>Close</button></form></div>`;
const SCENE = `<section id="scene"><figure><img src="/p"></figure></section>`;

function page(delivered: string, one = true): Field {
  document.body.innerHTML = `<h1>Alert <span class="plate">8ABC123</span></h1>
    <div data-field data-person="ortiz" data-readable="1800"><div id="field-network" hidden><p data-said></p></div>
    <section id="field-unsent" hidden><ul></ul></section></div>
    <div id="field-delivered"${one ? " data-one" : ""}><div hx-get="/changes"></div>${delivered}</div>`;
  return new Field(document.querySelector<HTMLElement>("[data-field]")!);
}

const form = () => document.querySelector("form")!;
const act = (field: Field) => field.taken({ target: form(), preventDefault: () => undefined } as unknown as Event);
const list = () => document.querySelector("#field-unsent ul")!;
const answers = (status: number) => vi.fn(async () => new Response("{}", { status }));

beforeEach(() => localStorage.clear());
afterEach(() => vi.unstubAllGlobals());

test("without network the picture and the alerts of others leave the screen at once, the words stay", () => {
  const field = page(`<p>blue Honda</p>${SCENE}<div id="field-others">7XYZ999</div>${HANDED}`);
  field.look(Date.now() + SILENT_MS + 1);
  expect(document.querySelector("img")).toBeNull();
  expect(document.body.textContent).not.toContain("7XYZ999");
  expect(document.body.textContent).toContain("blue Honda");
  expect(document.querySelector("#field-network")!.textContent).toContain("is removed at");
});

test("of an alert that was not handed over nothing stays without network", () => {
  const field = page(`<p>blue Honda</p>${SCENE}`);
  field.look(Date.now() + SILENT_MS + 1);
  expect(document.body.textContent).not.toMatch(/Honda|8ABC123/);
  expect(document.querySelector("#field-network")!.textContent).toContain("has been removed");
});

test("the alerts of others come back with the network", () => {
  const field = page(`<div id="field-others">7XYZ999</div>`, false);
  vi.stubGlobal("fetch", answers(500));
  const asked = vi.fn();
  document.body.addEventListener("alert-changed", asked, { once: true });
  field.look(Date.now() + SILENT_MS + 1);
  field.heard();
  expect(asked).toHaveBeenCalledOnce();
});

test("what was chosen and typed stands beside an act that is not sent", async () => {
  const field = page(HANDED);
  expect(words(form())).toBe("Outcome: Arrest; Was a stop made?: Yes; Note: Ran at Main");
  vi.stubGlobal("fetch", vi.fn(() => Promise.reject(new Error("away"))));
  act(field);
  await vi.waitFor(() => expect(list().textContent).toContain("Ran at Main"));
});

test.each([500, 403, 413])("an act answered %i for ever is set aside, and the next is sent", async (status) => {
  const field = page(HANDED);
  vi.stubGlobal("fetch", answers(status));
  act(field);
  for (let tries = 1; tries < TRIES; tries += 1) {
    await vi.waitFor(() => expect(stored()[0]!.tries).toBe(tries));
    expect(stored()[0]!.told).toBeUndefined();
    await field.send();
  }
  expect(list().textContent).toContain(`Not sent: How an alert ended`);
  expect(list().textContent).toContain("Tell dispatch by radio");
  expect(list().textContent).toContain("Ran at Main");

  vi.stubGlobal("fetch", vi.fn(async () => Response.json({ outcome: "DONE", told: "" })));
  act(field);
  await vi.waitFor(() => expect(stored()).toHaveLength(1));
  const [again] = [...list().querySelectorAll("button")].filter((one) => one.textContent === "Send again");
  again!.click();
  await vi.waitFor(() => expect(stored()).toHaveLength(0));
});

test.each([503, 429])("a server that is not ready (%i) is no failure of the act", async (status) => {
  const field = page(HANDED);
  vi.stubGlobal("fetch", answers(status));
  act(field);
  for (let tries = 0; tries < TRIES; tries += 1) await field.send();
  expect(stored()[0]!.told).toBeUndefined();
});

test("with nobody logged in what waits is counted and not shown", async () => {
  const field = page(HANDED);
  vi.stubGlobal("fetch", vi.fn(() => Promise.reject(new Error("away"))));
  act(field);
  await vi.waitFor(() => expect(list().textContent).toContain("Ran at Main"));
  document.body.innerHTML = `<div data-field><section id="field-unsent" hidden><ul></ul></section></div>`;
  new Field(document.querySelector<HTMLElement>("[data-field]")!).show();
  expect(document.querySelector<HTMLElement>("#field-unsent")!.hidden).toBe(false);
  expect(list().textContent).toMatch(/^1 of what was done on this device/);
  expect(list().querySelector("button")).toBeNull();
});

test("what is heard without network changes nothing on a screen that was emptied; with network it is loaded anew", () => {
  const field = page(`<p>blue Honda</p>${HANDED}`);
  const loaded = vi.fn();
  vi.stubGlobal("location", { reload: loaded });
  const line = vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
  field.look(Date.now() + 1_800_001);
  field.heard();
  expect(loaded).not.toHaveBeenCalled();
  expect(document.querySelector("#field-network")!.textContent).toContain("has been removed");
  line.mockReturnValue(true);
  field.heard();
  expect(loaded).toHaveBeenCalledOnce();
  line.mockRestore();
});

test("an officer is told where the page cannot be opened without network", () => {
  const field = page(HANDED);
  document.querySelector("[data-field]")!.insertAdjacentHTML("beforeend", '<p id="field-unkept" hidden>not kept</p>');
  field.kept(false);
  expect(document.querySelector<HTMLElement>("#field-unkept")!.hidden).toBe(false);
  field.kept(true);
  expect(document.querySelector<HTMLElement>("#field-unkept")!.hidden).toBe(true);
});
