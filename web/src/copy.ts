/**
 * `<button data-copy="#radio-text">` copies that element's text. Where the browser has no clipboard (plain HTTP), the
 * text is selected instead, ready for the keyboard.
 */
import { announce } from "./announce";

export function copyButtons(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    const source = button && document.querySelector(button.dataset["copy"] ?? "");
    if (source) void copyText(source);
  });
}

export async function copyText(source: Element): Promise<void> {
  try {
    await navigator.clipboard.writeText((source.textContent ?? "").replace(/\s+/g, " ").trim());
    announce("Copied.");
  } catch {
    getSelection()?.selectAllChildren(source);
    announce("Selected. Press Control and C to copy.");
  }
}
