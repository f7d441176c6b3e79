/** What a browser remembers for one person: consoles are shared, and one's volume is not the next one's. */
export const person = (): string => document.body.dataset["person"] ?? "";

const key = (name: string): string => `plateward.${name}.${person()}`;

export function remembered(name: string): string | null {
  return localStorage.getItem(key(name));
}

export function remember(name: string, value: string): void {
  localStorage.setItem(key(name), value);
}

/** Kept for this tab alone; what is left of another person goes as soon as somebody else is there, or nobody. */
export const tab = {
  get: (name: string): string | null => sessionStorage.getItem(key(name)),
  set: (name: string, value: string): void => sessionStorage.setItem(key(name), value),
  remove: (name: string): void => sessionStorage.removeItem(key(name)),
};

export function forgetOthers(): void {
  const mine = `.${person()}`;
  for (const name of Object.keys(sessionStorage))
    if (name.startsWith("plateward.") && !(person() && name.endsWith(mine))) sessionStorage.removeItem(name);
}

/** Whether single letters are keys for this person. */
export const lettersAreOn = (): boolean => remembered("keys") !== "off";
