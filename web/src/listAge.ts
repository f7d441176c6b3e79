/**
 * `x-data="listAge"` with `data-list="#queue"`: how old the list on the screen is. It is as of its last fetch, or of the
 * last sign of life of the event stream, which would have said had anything changed. Past STALE_MS it says STALE, once.
 */
import { ageText } from "./ages";
import { announce } from "./announce";
import { serverNow } from "./clock";

/** The stream gives a sign of life every 15 s: two of them missing. */
export const STALE_MS = 40_000;

export function listAge() {
  let at = serverNow();
  let ticking: ReturnType<typeof setInterval> | undefined;
  const end = new AbortController();
  const { signal } = end;
  return {
    stale: false,
    text: "as of now",
    init(this: { $el: HTMLElement; renew(): void; tick(): void }): void {
      const list = this.$el.dataset["list"] ?? "";
      document.addEventListener("plateward:alive", () => this.renew(), { signal });
      document.addEventListener("htmx:afterSettle", (event) => (event.target as Element).matches(list) && this.renew(), { signal });
      ticking = setInterval(() => this.tick(), 1000);
    },
    destroy(): void {
      end.abort();
      clearInterval(ticking);
    },
    renew(): void {
      at = serverNow();
      this.tick();
    },
    tick(): void {
      const age = serverNow() - at;
      this.text = `as of ${ageText(age / 1000)} ago`;
      if (age >= STALE_MS === this.stale) return;
      this.stale = !this.stale;
      document.body.classList.toggle("pw-is-stale", this.stale);
      announce(this.stale ? "The list is stale: it is not being renewed." : "The list is current again.");
    },
  };
}
