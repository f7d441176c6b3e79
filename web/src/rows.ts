/**
 * Keys for lists of work: inside `[data-rows]`, j and k (or the arrow keys) move between `[data-row]` elements and
 * Enter opens the row's first link or button. Single letters act only while the focus is inside the list (WCAG 2.1.4).
 */
import { lettersAreOn } from "./person";

const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

export function rowKeys(): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    const list = target.closest<HTMLElement>("[data-rows]");
    if (!list || event.ctrlKey || event.metaKey || event.altKey || target.matches("input, select, textarea")) return;
    const row = target.closest<HTMLElement>("[data-row]");
    const step = STEPS[event.key];
    if (step && (event.key.length > 1 || lettersAreOn())) {
      event.preventDefault();
      focusRow(list, row, step);
    } else if (event.key === "Enter" && row === target) {
      row.querySelector<HTMLElement>("a[href], button")?.click();
    }
  });
}

/** Move the focus `step` rows on from `row`, or to the first row when none has it; the ends stay the ends. */
export function focusRow(list: HTMLElement, row: HTMLElement | null, step: number): void {
  const rows = [...list.querySelectorAll<HTMLElement>("[data-row]")];
  const here = row ? rows.indexOf(row) : -1;
  const next = rows[Math.min(rows.length - 1, Math.max(0, here < 0 ? 0 : here + step))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
