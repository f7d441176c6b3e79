/** `<select data-theme-choice>`: dark, light, or as the computer says, for each person; the night console begins dark. */
import { remember, remembered } from "./person";

const night = (): MediaQueryList => matchMedia("(prefers-color-scheme: dark)");

export function themes(): void {
  const choice = document.querySelector<HTMLSelectElement>("[data-theme-choice]");
  if (!choice) return;
  choice.value = remembered("theme") ?? choice.value;
  wear(choice.value);
  choice.addEventListener("change", () => {
    remember("theme", choice.value);
    wear(choice.value);
  });
  night().addEventListener("change", () => wear(choice.value));
}

export function wear(chosen: string): void {
  const theme = chosen === "system" ? (night().matches ? "dark" : "light") : chosen;
  if (document.body.dataset["theme"] === theme) return;
  document.body.dataset["theme"] = theme;
  document.dispatchEvent(new Event("plateward:theme"));
}
