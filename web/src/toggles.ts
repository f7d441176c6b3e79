/** `<button data-toggles="menu" aria-expanded="false">` opens and closes the element with that id. */
export function toggleButtons(): void {
  document.documentElement.classList.add("pw-js");
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-toggles]");
    if (button) toggle(button);
  });
}

export function toggle(button: HTMLElement): void {
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  document.getElementById(button.dataset["toggles"] ?? "")?.toggleAttribute("data-closed", !open);
}
