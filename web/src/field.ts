/**
 * The officers' page without network. What was delivered stays on the screen for as long as the page says, then it is
 * removed; nothing of it is ever stored. What an officer does is stored until the server has answered: each act with an
 * id and a time of this device, sent in order, once however often it is sent.
 */
import { announce } from "./announce";
import { keeps } from "./workers";

const STORE = "plateward.acts";
export const TICK_MS = 5000;
/** An act that the server answers with a failure so often is set aside, so that those behind it are sent. */
export const TRIES = 8;
/** A server that starts, or one in front of it: no answer to this act. */
const DOWN = [429, 502, 503, 504];
/** The stream says something every 15 seconds; after three of them without a word there is no network. */
export const SILENT_MS = 50_000;

const LOST: Record<number, string> = {
  400: "The server could not read it. Tell dispatch by radio what you did.",
  404: "This alert is not your agency's any more. Tell dispatch by radio what you did.",
};

/**
 * An act waiting to be sent, or, with `told`, refused and waiting to be seen. `said` is what was chosen and typed, in
 * the form's words; `tries` how often the server failed on it; `isAside` says that it can be sent again.
 */
export interface Act {
  id: string;
  person: string;
  address: string;
  label: string;
  doneAt: string;
  fields: [string, string][];
  told?: string;
  said?: string;
  tries?: number;
  isAside?: boolean;
}

export const stored = (): Act[] => {
  try {
    const acts: unknown = JSON.parse(localStorage.getItem(STORE) ?? "[]");
    return Array.isArray(acts) ? (acts as Act[]) : [];
  } catch {
    return [];
  }
};

const store = (acts: Act[]) => localStorage.setItem(STORE, JSON.stringify(acts));
const change = (id: string, what: Partial<Act>) => store(stored().map((act) => (act.id === id ? { ...act, ...what } : act)));
const forget = (id: string) => store(stored().filter((act) => act.id !== id));

export function fieldPage(): void {
  const root = document.querySelector<HTMLElement>("[data-field]");
  if (!root) return;
  const page = new Field(root);
  page.show();
  if (!page.person) return;
  page.listen();
  const { worker, scope } = root.dataset;
  if (worker && scope) void keeps(worker, scope).then((kept) => page.kept(kept));
}

export class Field {
  readonly person: string;
  private readonly readableMs: number;
  private heardAt = Date.now();
  private sending = false;
  private isRemoved = false;
  private isNarrowed = false;

  constructor(private readonly root: HTMLElement) {
    this.person = root.dataset["person"] ?? "";
    this.readableMs = Number(root.dataset["readable"] ?? "0") * 1000;
  }

  listen(): void {
    document.addEventListener("submit", (event) => this.taken(event));
    // An answer that was on its way is not drawn where what was delivered has been removed.
    document.addEventListener("htmx:beforeSwap", (event) => {
      if (this.isRemoved) (event as CustomEvent).detail.shouldSwap = false;
    });
    document.addEventListener("htmx:afterOnLoad", () => this.heard());
    document.addEventListener("htmx:sseOpen", (event) => {
      this.heard();
      ((event as CustomEvent).detail.source as EventTarget).addEventListener("alive", () => this.heard());
    });
    window.addEventListener("online", () => void this.send());
    window.addEventListener("offline", () => this.look());
    // A page that the browser kept for its back button may be another person's by now.
    window.addEventListener("pageshow", (event) => event.persisted && location.reload());
    document.addEventListener("visibilitychange", () => this.look());
    setInterval(() => this.look(), TICK_MS);
    void this.send();
  }

  /** Says where the browser cannot open this page without network; while it is open it works all the same. */
  kept(isKept: boolean): void {
    this.root.dataset["kept"] = isKept ? "yes" : "no";
    const unkept = document.getElementById("field-unkept");
    if (unkept) unkept.hidden = isKept;
  }

  /** The server was heard of: what is shown is its word, and what waits can be sent. */
  heard(): void {
    // Without network a page loaded anew could not say what was done and is not sent: the emptied one stays.
    if (this.isRemoved) {
      if (navigator.onLine) location.reload();
      return;
    }
    this.heardAt = Date.now();
    this.look();
    if (this.isNarrowed && navigator.onLine) {
      this.isNarrowed = false;
      document.body.dispatchEvent(new Event("alert-changed"));
    }
    void this.send();
  }

  /** Says how the network is, and removes what was delivered once its time without network is over. */
  look(now = Date.now()): void {
    const silentMs = now - this.heardAt;
    const isAway = !navigator.onLine || silentMs > SILENT_MS;
    const banner = document.getElementById("field-network");
    if (banner) banner.hidden = !isAway;
    if (!isAway) return;
    if (silentMs >= this.readableMs) this.remove();
    else this.narrow();
    const until = new Date(this.heardAt + this.readableMs).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    const removed = "What was delivered has been removed from this screen. Ask dispatch by radio.";
    const kept = `What you see is as it was when the network was lost, and is removed at ${until}. A status may have changed since.`;
    const said = `${this.isRemoved ? removed : kept} What you do is kept here and sent when the network is back.`;
    const place = banner?.querySelector("[data-said]");
    if (place && place.textContent !== said) place.textContent = said;
  }

  /** Without network only the words of alerts that were handed to the officer stay (ADR 33); all else goes at once. */
  private narrow(): void {
    const opened = document.querySelector("#field-delivered[data-one]");
    if (opened && !opened.querySelector("[data-handed]")) return this.remove();
    this.isNarrowed = true;
    document.getElementById("field-others")?.replaceChildren(note("Other alerts are shown with network only."));
    const scene = document.getElementById("scene");
    if (!scene?.querySelector("figure")) return;
    const again = document.createElement("a");
    again.href = location.pathname;
    again.textContent = "Load the picture again";
    scene.replaceChildren(note("The picture is shown with network only. "), again);
  }

  private remove(): void {
    this.isRemoved = true;
    for (const what of document.querySelectorAll("#field-delivered > :not([hx-get])")) what.remove();
    for (const asking of document.querySelectorAll("#field-delivered > [hx-get]")) asking.removeAttribute("hx-include");
    document.querySelectorAll("h1 .plate").forEach((plate) => plate.remove());
    document.title = "In the field – Plateward";
  }

  /** An act: stored first, then sent. */
  taken(event: Event): void {
    const form = event.target as HTMLFormElement;
    if (!form.dataset["fieldAct"]) return;
    event.preventDefault();
    const fields = [...new FormData(form)].filter(([name]) => !["csrfmiddlewaretoken", "act"].includes(name));
    const act: Act = {
      id: crypto.randomUUID(),
      person: this.person,
      address: form.getAttribute("action") ?? "",
      label: form.dataset["label"] ?? "",
      doneAt: new Date().toISOString(),
      fields: fields.map(([name, value]) => [name, String(value)]),
      said: words(form),
    };
    store([...stored(), act]);
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    this.show();
    void this.send(form);
  }

  /** Sends this person's acts in their order, until one cannot be sent. */
  async send(form?: HTMLFormElement): Promise<void> {
    if (this.sending || !this.person) return;
    this.sending = true;
    try {
      for (let act = this.next(); act; act = this.next()) {
        const waits = await this.sent(act);
        if (waits) {
          if (form) announce(waits);
          break;
        }
      }
    } finally {
      this.sending = false;
      for (const button of form?.querySelectorAll("button") ?? []) button.disabled = false;
      this.show();
    }
  }

  private next(): Act | undefined {
    return stored().find((act) => act.person === this.person && act.told === undefined);
  }

  /** Why the act goes on waiting; "" once the server has answered it for good. */
  private async sent(act: Act): Promise<string> {
    const body = new URLSearchParams(act.fields);
    body.set("act", act.id);
    body.set("done_at", act.doneAt);
    body.set("sent_at", new Date().toISOString());
    const headers = { Accept: "application/json", "X-CSRFToken": token() };
    try {
      const answer = await fetch(act.address, { method: "POST", body, headers, redirect: "manual" });
      if (answer.ok) {
        this.answered(act, (await answer.json()) as { outcome: string; told: string });
        return "";
      }
      if (answer.status in LOST) {
        change(act.id, { told: LOST[answer.status] ?? "" });
        return "";
      }
      if (answer.type === "opaqueredirect") return "Not sent yet: log in again, then it is sent.";
      return DOWN.includes(answer.status) ? "Not sent yet: the server is not ready." : this.failed(act, answer.status);
    } catch {
      return `No network. Not sent yet: ${act.label}.`;
    }
  }

  /** The server failed on this act: it is tried again, and in the end set aside where the officer sees it. */
  private failed(act: Act, status: number): string {
    const tries = (act.tries ?? 0) + 1;
    if (tries < TRIES) {
      change(act.id, { tries });
      return status === 403 ? "Not sent yet: log in again, then it is sent." : "Not sent yet: the server could not take it.";
    }
    const told = `The server did not take it in ${tries} tries (answer ${status}). Tell dispatch by radio what you did; it can be sent again.`;
    change(act.id, { told, tries: 0, isAside: true });
    announce(`Not sent: ${act.label}. ${told}`);
    return "";
  }

  private answered(act: Act, answer: { outcome: string; told: string }): void {
    this.heardAt = Date.now();
    if (answer.outcome === "DONE") {
      forget(act.id);
      announce(`On record: ${act.label}.`);
    } else {
      change(act.id, { told: answer.told });
      announce(`Not done: ${answer.told}`);
    }
    document.body.dispatchEvent(new Event("alert-changed"));
  }

  /** The list of what is not sent yet, and of what was refused and not seen yet. */
  show(): void {
    const section = this.root.querySelector<HTMLElement>("#field-unsent");
    const list = section?.querySelector("ul");
    if (!section || !list) return;
    const all = stored();
    const own = all.filter((act) => act.person === this.person);
    section.hidden = !(this.person ? own : all).length;
    list.replaceChildren(...(this.person ? own.map((act) => this.line(act)) : [waits(all.length)]));
  }

  private line(act: Act): HTMLLIElement {
    const line = document.createElement("li");
    const what = document.createElement("strong");
    what.textContent = act.told === undefined ? "Not sent yet" : act.isAside ? "Not sent" : "Not done";
    const when = new Date(act.doneAt).toLocaleTimeString("en-GB");
    line.append(what, `: ${act.label}, ${when}. ${act.told ?? ""}`);
    if (act.said) line.append(document.createElement("br"), act.said);
    if (act.told === undefined) return line;
    if (act.isAside) line.append(this.button("Send again", () => this.again(act)));
    line.append(this.button("I have seen it", () => forget(act.id)));
    return line;
  }

  private again(act: Act): void {
    const { told: _told, isAside: _isAside, ...waiting } = act;
    store(stored().map((one) => (one.id === act.id ? waiting : one)));
    void this.send();
  }

  private button(text: string, act: () => void): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "usa-button usa-button--outline pw-field-button";
    button.textContent = text;
    button.addEventListener("click", () => {
      act();
      this.show();
    });
    return button;
  }
}

/** Nobody is logged in here: what waits is counted, and shown to who did it once they are (ADR 33). */
function waits(count: number): HTMLLIElement {
  const line = document.createElement("li");
  line.textContent = `${count} of what was done on this device. It is shown to who did it, once they are logged in.`;
  return line;
}

function note(text: string): HTMLParagraphElement {
  const said = document.createElement("p");
  said.className = "pw-muted";
  said.textContent = text;
  return said;
}

/** What was chosen and typed, in the form's own words; what was left empty is left out. */
export function words(form: HTMLFormElement): string {
  const said: string[] = [];
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>("input, select, textarea")) {
    const isChoice = field instanceof HTMLInputElement && ["radio", "checkbox"].includes(field.type);
    if (field.type === "hidden" || !field.value.trim() || (isChoice && !field.checked)) continue;
    const label = plain(form.querySelector(`label[for="${field.id}"]`));
    const chosen = field instanceof HTMLSelectElement ? plain(field.selectedOptions[0]) : field.value.trim();
    const asked = isChoice ? plain(field.closest("fieldset")?.querySelector("legend")) : label;
    said.push([asked, isChoice ? label : chosen].filter(Boolean).join(": "));
  }
  return said.join("; ");
}

/** An element's words, without the mark of a required field. */
const plain = (what: Element | null | undefined): string => (what?.textContent ?? "").replaceAll(/\s*\*\s*$|\s+/g, " ").trim();

/** The token of the page, which htmx sends too. */
function token(): string {
  const told = document.body.getAttribute("hx-headers");
  return told ? ((JSON.parse(told) as Record<string, string>)["X-CSRFToken"] ?? "") : "";
}
