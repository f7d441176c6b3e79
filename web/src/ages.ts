/** Keeps `<time datetime data-age>` current. The words are those of `plateward/ui/ages.py`. */
import { serverNow } from "./clock";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

/** "45 s", "12 min", "3 h 12 min" up to two days, then "5 d 3 h"; below zero counts as zero. */
export function ageText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const part = (unit: number, of = Infinity) => Math.floor((whole % of) / unit);
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${part(MINUTE)} min`;
  if (whole < 2 * DAY) return `${part(HOUR)} h ${part(MINUTE, HOUR)} min`;
  return `${part(DAY)} d ${part(HOUR, DAY)} h`;
}

export function refreshAges(root: ParentNode, now: number): void {
  for (const element of root.querySelectorAll<HTMLTimeElement>("time[data-age]")) {
    const text = ageText((now - Date.parse(element.dateTime)) / 1000);
    if (element.textContent !== text) element.textContent = text;
  }
}

export function keepAges(everyMs = 5000): void {
  setInterval(() => refreshAges(document, serverNow()), everyMs);
}
