/**
 * A fold somebody opened stays open when its part of the page comes again (`hx-swap-oob`): found again by the words of its summary.
 */
export function keepFolds(): void {
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = (event as CustomEvent<{ target: Element; fragment: ParentNode }>).detail;
    const opened = [...target.querySelectorAll<HTMLDetailsElement>("details[open]")].map(nameOf);
    for (const fold of fragment.querySelectorAll<HTMLDetailsElement>("details")) {
      if (opened.includes(nameOf(fold))) fold.open = true;
    }
  });
}

const nameOf = (fold: HTMLDetailsElement): string => fold.querySelector("summary")?.textContent?.trim() ?? "";
