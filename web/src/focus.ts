/**
 * Puts the focus on `[data-focus]` (an error summary, say) when a page or a swapped-in part brings one, and on what a form
 * names in `data-then-focus` once its act is done.
 */
export function focusWanted(root: ParentNode): void {
  // A part swapped out of band settles as itself, and a query looks only below its root.
  const wanted = root instanceof HTMLElement && root.matches("[data-focus]");
  (wanted ? root : root.querySelector<HTMLElement>("[data-focus]"))?.focus();
}

export function focusOnArrival(): void {
  focusWanted(document);
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful } = (event as CustomEvent).detail;
    const next = successful && elt instanceof HTMLElement ? elt.dataset["thenFocus"] : undefined;
    if (next) document.querySelector<HTMLElement>(next)?.focus();
  });
  document.addEventListener("htmx:afterSettle", (event) => focusWanted(event.target as Element));
}
