/**
 * Acts that did not reach the server: a `form[data-act]` sent while the network or the server is away is listed in
 * `#unsent` with what it was and when, until the person sends it again or lets it go. Nothing is sent by itself. An act
 * carries its own number, so one that had arrived after all is not done twice. The list outlives a reload.
 */
import htmx from "htmx.org";
import { announce } from "./announce";
import { isLost } from "./lost";
import { tab } from "./person";

type Unsent = { id: string; what: string; path: string; at: string; values: [string, string][] };
const TOKEN = "csrfmiddlewaretoken";

export function listUnsent(): void {
  if (!document.getElementById("unsent")) return;
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"])
    document.addEventListener(name, (event) => isLost(event) && add((event as CustomEvent).detail));
  document.addEventListener("htmx:afterRequest", (event) => settle((event as CustomEvent).detail));
  document.addEventListener("click", (event) => {
    const id = (event.target as HTMLElement).dataset["letGo"];
    if (id) keep(kept().filter((one) => one.id !== id));
  });
  show();
}

function add({ elt, requestConfig }: { elt: HTMLFormElement; requestConfig: { path: string; formData: FormData } }): void {
  const values = [...requestConfig.formData].filter(([name]) => name !== TOKEN).map(([name, value]) => [name, String(value)] as [string, string]);
  const id = numberOf(values) ?? elt.dataset["unsent"] ?? crypto.randomUUID();
  const what = elt.dataset["act"] ?? "";
  const at = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  keep([...kept().filter((one) => one.id !== id && one.id !== elt.dataset["unsent"]), { id, what, path: requestConfig.path, at, values }]);
  announce(`Not sent: ${what}. It is listed above; send it again when the connection is back.`);
}

type Answer = { elt: Element; successful: boolean; xhr: XMLHttpRequest; requestConfig?: { formData?: FormData } };

function settle({ elt, successful, xhr, requestConfig }: Answer): void {
  if (!(elt instanceof HTMLFormElement) || elt.dataset["act"] === undefined) return;
  const id = elt.dataset["unsent"] ?? String(requestConfig?.formData?.get("act") ?? "");
  if (successful && xhr.status !== 422) keep(kept().filter((one) => one.id !== id));
}

const numberOf = (values: [string, string][]): string | undefined => values.find(([name, value]) => name === "act" && value)?.[1];

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
