/**
 * What somebody typed into a `form[data-act]` and did not send yet survives a reload, a lost network and a restarted
 * server: it is kept for this tab and person, and forgotten when it was sent, or somebody else is there.
 */
import { tab } from "./person";

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
const FIELDS = "input:not([type=hidden]), select, textarea";

export function keepDrafts(): void {
  restore(document);
  document.addEventListener("input", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-act]");
    if (form) tab.set(nameOf(form), JSON.stringify(typed(form)));
  });
  document.addEventListener("htmx:afterSettle", (event) => restore(event.target as Element));
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful } = (event as CustomEvent).detail;
    if (successful && elt instanceof HTMLFormElement && elt.dataset["act"] !== undefined) tab.remove(nameOf(elt));
  });
}

const nameOf = (form: HTMLFormElement): string => `draft.${form.getAttribute("action") ?? ""}`;

const fieldsOf = (form: HTMLFormElement): Field[] => [...form.querySelectorAll<Field>(FIELDS)].filter(({ name }) => name);

const isChoice = (field: Field): field is HTMLInputElement => field instanceof HTMLInputElement && /^(checkbox|radio)$/.test(field.type);

/** What the form's fields hold, one `[name, value]` for each that holds something. */
export function typed(form: HTMLFormElement): [string, string][] {
  return fieldsOf(form)
    .filter((field) => (isChoice(field) ? field.checked : field.value))
    .map(({ name, value }) => [name, value]);
}

function restore(root: ParentNode): void {
  const own = root instanceof HTMLFormElement ? [root] : [];
  for (const form of [...own, ...root.querySelectorAll<HTMLFormElement>("form[data-act]")]) {
    const kept = tab.get(nameOf(form));
    // A form that came back with mistakes holds what was sent.
    if (kept && !typed(form).length) fill(form, JSON.parse(kept));
  }
}

export function fill(form: HTMLFormElement, kept: [string, string][]): void {
  for (const field of fieldsOf(form)) {
    const values = kept.filter(([name]) => name === field.name).map(([, value]) => value);
    if (isChoice(field)) field.checked = values.includes(field.value);
    else if (values[0] !== undefined) field.value = values[0];
  }
  if (kept.length) form.closest("details")?.setAttribute("open", "");
}
