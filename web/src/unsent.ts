/**
 * Acts that did not reach the server: a `form[data-act]` sent while the network or the server is away is listed in
 * `#unsent` with what it was and when, until the person sends it again or lets it go, or it is on record after all. Nothing
 * is sent by itself. An act carries its own number: one that had arrived is not done twice, and the server is asked for
 * it. Done anew with another number, on a page that was renewed since, it leaves the list too. The list outlives a reload.
 */
import htmx from "htmx.org";
import { BACKGROUND } from "./activity";
import { announce } from "./announce";
import { isLost } from "./lost";
import { tab } from "./person";

/** `isOnce`: done one way or another it is done, such as a step; else only the same words are the same act. */
type Unsent = { id: string; what: string; path: string; at: string; values: Values; isOnce: boolean };
type Values = [string, string][];
type Sent = { path: string; formData: FormData };
const TOKEN = "csrfmiddlewaretoken";
/** The act's number, and what the screen showed when it was pressed. */
const OF_THE_SCREEN = [TOKEN, "act", "seen"];
/** Which sighting an act is of: to tell of another one is another act, unless it is done once and for all. */
const SIGHTING = "hit";

export function listUnsent(): void {
  if (!document.getElementById("unsent")) return;
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"])
    document.addEventListener(name, (event) => isLost(event) && add((event as CustomEvent).detail));
  document.addEventListener("htmx:afterRequest", (event) => settle((event as CustomEvent).detail));
  document.addEventListener("htmx:sseOpen", () => void askRecorded());
  document.addEventListener("click", (event) => {
    const id = (event.target as HTMLElement).dataset["letGo"];
    if (id) keep(kept().filter((one) => one.id !== id));
  });
  show();
  void askRecorded();
}

function add({ elt, requestConfig }: { elt: HTMLFormElement; requestConfig: Sent }): void {
  const values = valuesOf(requestConfig.formData);
  const listed = elt.dataset["unsent"];
  const once = elt.dataset["once"] !== undefined;
  const isSame = (one: Unsent) => one.path === requestConfig.path && words(one.values, once) === words(values, once);
  const again = kept().find((one) => one.id === listed || isSame(one));
  // Pressed anew, it keeps its first number: that one may have arrived.
  const id = again?.id ?? numberOf(values) ?? crypto.randomUUID();
  const what = elt.dataset["act"] ?? "";
  const at = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const isOnce = again?.isOnce ?? once;
  const act = { id, what, path: requestConfig.path, at, values: again?.values ?? values, isOnce };
  keep([...kept().filter((one) => one.id !== id), act]);
  announce(`Not sent: ${what}. It is listed above; send it again when the connection is back.`);
}

type Answer = { elt: Element; successful: boolean; xhr: XMLHttpRequest; requestConfig?: Sent };

/** What was taken leaves the list, whichever number it had; what was refused may be on record already. */
function settle({ elt, successful, xhr, requestConfig }: Answer): void {
  if (!(elt instanceof HTMLFormElement) || elt.dataset["act"] === undefined) return;
  if (!successful || xhr.status === 422) return void (xhr.status && askRecorded());
  const { path, formData } = requestConfig ?? {};
  const values = formData ? valuesOf(formData) : [];
  const ids = [elt.dataset["unsent"], numberOf(values)];
  keep(kept().filter((one) => !ids.includes(one.id) && !(one.path === path && (one.isOnce || words(one.values, false) === words(values, false)))));
}

/** Asks which of the listed acts the server has recorded, so that only what it has not stays listed. */
export async function askRecorded(): Promise<void> {
  const address = document.getElementById("unsent")?.dataset["recorded"];
  const list = kept();
  if (!address || !list.length) return;
  try {
    const asked = new URLSearchParams(list.map(({ id }) => ["act", id]));
    const answer = await fetch(`${address}?${asked}`, { headers: { [BACKGROUND]: "1" }, redirect: "manual" });
    if (!answer.ok) return;
    const recorded = (await answer.json()) as string[];
    keep(kept().filter((one) => !recorded.includes(one.id)));
  } catch {
    // The server is away: the list stays, and the next connection asks again.
  }
}

const valuesOf = (data: FormData): Values => [...data].filter(([name]) => name !== TOKEN).map(([name, value]) => [name, String(value)]);
const words = (values: Values, isOnce: boolean): string =>
  JSON.stringify(values.filter(([name]) => !OF_THE_SCREEN.includes(name) && !(isOnce && name === SIGHTING)));
const numberOf = (values: Values): string | undefined => values.find(([name, value]) => name === "act" && value)?.[1];

function kept(): Unsent[] {
  return JSON.parse(tab.get("unsent") ?? "[]");
}

function keep(list: Unsent[]): void {
  if (JSON.stringify(list) === (tab.get("unsent") ?? "[]")) return;
  tab.set("unsent", JSON.stringify(list));
  show();
}

function show(): void {
  const region = document.getElementById("unsent")!;
  const list = kept();
  region.hidden = !list.length;
  region.querySelector("ul")?.replaceChildren(...list.map(item));
}

function item({ id, what, path, at, values }: Unsent): HTMLElement {
  const row = document.createElement("li");
  const said = document.createElement("span");
  said.textContent = `${what}, pressed at ${at}`;
  const form = document.createElement("form");
  form.dataset["act"] = what;
  form.dataset["unsent"] = id;
  form.setAttribute("hx-post", path);
  form.setAttribute("hx-swap", "none");
  form.append(...values.map(hidden), button("Send again", "submit"));
  const away = button("Let it go", "button");
  away.dataset["letGo"] = id;
  row.append(said, form, away);
  htmx.process(form);
  return row;
}

function hidden([name, value]: [string, string]): HTMLInputElement {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  return field;
}

function button(text: string, type: "submit" | "button"): HTMLButtonElement {
  const made = document.createElement("button");
  Object.assign(made, { type, textContent: text, className: type === "submit" ? "usa-button" : "usa-button usa-button--outline" });
  return made;
}
