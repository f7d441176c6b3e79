// Tells `told` of every list that the console's page shows, of what it announces as new, and of each tone.
(() => {
  const at = () => performance.timeOrigin + performance.now();
  const queue = () => document.getElementById("queue");
  const hits = (row) => Number(/(\d+) hits?/.exec(row.textContent)?.[1] ?? 0);
  const pk = (row) => row.id.slice("row-".length);
  const rows = () =>
    [...queue().querySelectorAll("[data-row]")].map((row) => [pk(row), row.querySelector(".plate").textContent, hits(row)]);
  let last;
  let arriving = false;

  const look = () => {
    const now = rows();
    const seen = JSON.stringify(now);
    if (seen === last) return;
    told({ kind: "list", at: at(), rows: now, is_first: last === undefined });
    last = seen;
  };

  document.addEventListener("DOMContentLoaded", () => {
    told({ kind: "page", at: at(), has_list: queue() !== null, address: location.pathname });
    if (!queue()) return;
    look();
    new MutationObserver(look).observe(queue(), { childList: true, subtree: true });
  });
  document.addEventListener("htmx:sseMessage", (event) => {
    if (event.target === queue()) told({ kind: "event", at: at() });
  });
  document.addEventListener("plateward:arrival", (event) => {
    arriving = true;
    setTimeout(() => (arriving = false));
    const fresh = [...queue().querySelectorAll("[data-row].pw-arrived:not([data-quiet])")].map(pk);
    told({ kind: "arrival", at: at(), count: event.detail.count, rows: fresh });
  });
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    // Each tone is two notes; the first is the higher one.
    if (this.frequency.value === 880)
      told({ kind: "tone", at: at(), arriving, unheard: queue().querySelectorAll("[data-unheard]").length });
    return start.apply(this, when);
  };
})();
