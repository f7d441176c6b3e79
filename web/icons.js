import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The icons that templates may name in `{% icon %}`; a name that USWDS does not have fails the build. */
export const ICONS = [
  "arrow_back", "arrow_forward", "cancel", "check", "check_circle", "chevron_right", "close", "content_copy",
  "directions_car", "error", "event", "expand_more", "file_download", "filter_list", "flag", "history", "identification", "info",
  "launch", "list", "location_on", "lock", "lock_open", "logout", "map", "menu", "navigate_before",
  "navigate_next", "near_me", "notifications", "notifications_active", "notifications_off", "person",
  "photo_camera", "print", "priority_high", "radio_button_unchecked", "report", "schedule", "school", "search",
  "security", "shield", "support_agent", "topic", "update", "verified", "visibility", "warning",
];

/** Vite plugin: gather the chosen USWDS icons into one hashed `icons.svg` of symbols. */
export function iconSheet(folder) {
  return {
    name: "plateward-icon-sheet",
    apply: "build",
    buildStart() {
      const symbols = ICONS.map((name) => symbol(name, readFileSync(join(folder, `${name}.svg`), "utf8")));
      this.emitFile({
        type: "asset",
        name: "icons.svg",
        originalFileName: "icons.svg",
        source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`,
      });
    },
  };
}

/** One icon file as a `<symbol>` with the icon's name as its id. */
export function symbol(name, svg) {
  const found = /<svg[^>]*viewBox="([^"]+)"[^>]*>(.*)<\/svg>/s.exec(svg);
  if (!found) throw new Error(`Icon ${name} is no plain SVG with a viewBox.`);
  return `<symbol id="${name}" viewBox="${found[1]}">${found[2].trim()}</symbol>`;
}
