/** Says a sentence to screen readers and shows it for a moment, through the page's one `role="status"` element. */
const SHOWN_MS = 4000;
let timer: ReturnType<typeof setTimeout> | undefined;

export function announce(sentence: string): void {
  const region = document.getElementById("announcer");
  if (!region) return;
  region.textContent = sentence;
  clearTimeout(timer);
  timer = setTimeout(() => (region.textContent = ""), SHOWN_MS);
}
