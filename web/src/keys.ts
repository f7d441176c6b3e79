/**
 * Keys of a page with a `<dialog data-keys>`: `[data-key="t"]` is what the letter reaches, else the first `[data-key-else="t"]`.
 * A button or link is pressed, a fold opened, anything else gets the focus. J and K move through the page's `[data-rows]`, `?` shows the dialog, whose
 * `[data-keys-switch]` turns all of them off (WCAG 2.1.4). Nothing acts while somebody types or a dialog is open.
 */
import { lettersAreOn, remember } from "./person";
import { focusRow } from "./rows";

const STEPS: Record<string, number> = { j: 1, k: -1 };

export function pageKeys(): void {
  const dialog = document.querySelector<HTMLDialogElement>("dialog[data-keys]");
  if (!dialog) return;
  const control = dialog.querySelector<HTMLInputElement>("[data-keys-switch]");
  if (control) {
    control.checked = lettersAreOn();
    control.addEventListener("change", () => remember("keys", control.checked ? "on" : "off"));
  }
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-shows-keys]")) dialog.showModal();
  });
  document.addEventListener("keydown", (event) => {
    if (!lettersAreOn() || isTaken(event)) return;
    if (event.key === "?") dialog.showModal();
    else if (!press(event.key.toLowerCase())) return;
    event.preventDefault();
  });
}

/** True where the key belongs to somebody else: a field, a dialog, a shortcut of the browser. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  const typing = target.matches("input:not([type=checkbox], [type=radio], [type=range]), select, textarea");
  const combined = event.ctrlKey || event.metaKey || event.altKey || event.repeat;
  return event.defaultPrevented || typing || combined || document.querySelector("dialog[open]") !== null;
}

/** Do what the letter stands for; false where the page has nothing for it. */
export function press(letter: string): boolean {
  const list = document.querySelector<HTMLElement>("[data-rows]");
  const step = STEPS[letter];
  if (step && list) {
    focusRow(list, list.querySelector("[data-row]:has([aria-current])"), step);
    return true;
  }
  const found = shownWith("data-key", letter) ?? shownWith("data-key-else", letter);
  if (!found) return false;
  reach(found);
  return true;
}

const shownWith = (attribute: string, letter: string): HTMLElement | undefined =>
  [...document.querySelectorAll<HTMLElement>(`[${attribute}="${CSS.escape(letter)}"]`)].find(isShown);

const isShown = (element: HTMLElement): boolean => !element.matches(":disabled") && (element.checkVisibility?.() ?? true);

function reach(element: HTMLElement): void {
  if (element instanceof HTMLDetailsElement) {
    element.open = true;
    const field = element.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea");
    (field ?? element.querySelector("summary"))?.focus();
  } else if (element.matches("button, a")) {
    element.focus();
    element.click();
  } else {
    const field = element.matches("[tabindex]") ? element : element.querySelector<HTMLElement>("input:not([type=hidden])");
    field?.focus();
    element.scrollIntoView({ block: "center" });
  }
}
