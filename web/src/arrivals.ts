/**
 * Notices new items: after htmx refreshes a `[data-arrivals]` list, each `[data-arrival]` id not seen before is marked,
 * its `data-announce` sentence is said, and one `plateward:arrival` event tells the alert sound.
 */
import { announce } from "./announce";

const seenIn = new WeakMap<Element, Set<string>>();

export function watchArrivals(): void {
  document.querySelectorAll("[data-arrivals]").forEach(arrived);
  document.addEventListener("htmx:afterSettle", (event) => {
    const list = (event.target as Element).closest("[data-arrivals]");
    if (!list) return;
    const items = arrived(list);
    if (!items.length) return;
    items.forEach((item) => item.classList.add("pw-arrived"));
    announce(items.map((item) => item.dataset["announce"] ?? "").join(" "));
    document.dispatchEvent(new CustomEvent("plateward:arrival", { detail: { count: items.length } }));
  });
}

/** The list's items since the last look. Everything is old news on the first look. */
export function arrived(list: Element): HTMLElement[] {
  const seen = seenIn.get(list);
  const items = [...list.querySelectorAll<HTMLElement>("[data-arrival]")];
  const id = (item: HTMLElement) => item.dataset["arrival"] ?? "";
  seenIn.set(list, new Set([...(seen ?? []), ...items.map(id)]));
  return seen ? items.filter((item) => !seen.has(id(item))) : [];
}
