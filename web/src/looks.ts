/**
 * Ways of looking at one page of results: links `[data-look="map"]` show the section `#look-map` of this very page and
 * hide its neighbors, without asking the server again: that would be a new access to the same reads. Without this
 * script the links ask for the page in that way.
 */
export function looks(): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-look]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    if (!look(link)) return;
    event.preventDefault();
    // htmx keeps its own facts in the state; only the address changes.
    history.replaceState(history.state, "", link.href);
  });
}

/** Show what the link names; false where this page does not hold it. */
export function look(link: HTMLAnchorElement): boolean {
  const name = link.dataset["look"] ?? "";
  const shown = document.getElementById(`look-${name}`);
  if (!shown) return false;
  document.querySelectorAll<HTMLElement>("[id^='look-']").forEach((each) => each.toggleAttribute("hidden", each !== shown));
  document.querySelectorAll("a[data-look]").forEach((each) => each.removeAttribute("aria-current"));
  document.querySelectorAll(`a[data-look="${name}"]`).forEach((each) => each.setAttribute("aria-current", "true"));
  document.querySelectorAll<HTMLAnchorElement>("a[data-keeps-look]").forEach((each) => {
    const address = new URL(each.href);
    address.searchParams.set("show", name);
    each.href = address.href;
  });
  return true;
}
