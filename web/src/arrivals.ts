/**
 * Notices new items: after htmx refreshes a `[data-arrivals]` list, each `[data-arrival]` id not seen before is marked
 * and its `data-announce` sentence is said; of many, the number and the first. `data-quiet` ones come without a word.
 * One `plateward:arrival` event tells the alert sound; `plateward:unheard` says how many nobody has acknowledged yet.
 */
import { announce } from "./announce";

/** More new rows than this are said as one sentence. */
const SAID_EACH = 3;
const seenIn = new WeakMap<Element, Set<string>>();

export function watchArrivals(): void {
  document.querySelectorAll("[data-arrivals]").forEach((list) => {
    arrived(list);
    tellUnheard(list);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const list = (event.target as Element).closest("[data-arrivals]");
    if (!list) return;
    const items = arrived(list);
    items.forEach((item) => item.classList.add("pw-arrived"));
    const loud = items.filter((item) => item.dataset["quiet"] === undefined);
    if (loud.length) {
      announce(sentence(loud));
      document.dispatchEvent(new CustomEvent("plateward:arrival", { detail: { count: loud.length } }));
    }
    tellUnheard(list);
  });
}

function tellUnheard(list: Element): void {
  const count = list.querySelectorAll("[data-unheard]").length;
  document.dispatchEvent(new CustomEvent("plateward:unheard", { detail: { count } }));
}

/** The list's items since the last look. Everything is old news on the first look. */
export function arrived(list: Element): HTMLElement[] {
  const seen = seenIn.get(list);
  const items = [...list.querySelectorAll<HTMLElement>("[data-arrival]")];
  const id = (item: HTMLElement) => item.dataset["arrival"] ?? "";
  seenIn.set(list, new Set([...(seen ?? []), ...items.map(id)]));
  return seen ? items.filter((item) => !seen.has(id(item))) : [];
}

/** Warnings in full; few rows in full, many as their number and the first of them. */
export function sentence(items: HTMLElement[]): string {
  const said = (item: HTMLElement) => item.dataset["announce"] ?? "";
  const rows = items.filter((item) => item.dataset["row"] !== undefined);
  const warnings = items.filter((item) => item.dataset["row"] === undefined);
  const told = rows.length > SAID_EACH ? [`${rows.length} new alerts. The first: ${said(rows[0]!)}`] : rows.map(said);
  return [...warnings.map(said), ...told].join(" ");
}
