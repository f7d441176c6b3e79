/**
 * Groups of the menu (`[data-menu]`, worked by toggleButtons): one is open at a time. Escape closes it and gives the
 * focus back to its button; so does leaving it, by a click or by Tab, without the focus.
 */
import { toggle } from "./toggles";

export function menuGroups(): void {
  document.addEventListener("click", (event) => closeAllBut(event.target));
  document.addEventListener("focusout", (event) => {
    if (event.relatedTarget) closeAllBut(event.relatedTarget);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const button = openButtons().find((open) => open.parentElement?.contains(event.target as Node));
    if (!button) return;
    toggle(button);
    button.focus();
  });
}

function openButtons(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-menu] > [aria-expanded="true"]')];
}

function closeAllBut(target: EventTarget | null): void {
  openButtons()
    .filter((button) => !button.parentElement?.contains(target as Node))
    .forEach(toggle);
}
