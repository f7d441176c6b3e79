import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { iconSheet } from "./icons.js";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // Relative, so that the built files work under any STATIC_URL.
  base: "./",
  logLevel: "warn",
  publicDir: false,
  build: {
    outDir: at("../plateward/ui/static/ui/dist"),
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    // The Content-Security-Policy has no data: for fonts and styles; every asset is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // MapLibre is one megabyte and loads only on pages that show a map.
    chunkSizeWarningLimit: 1300,
    rolldownOptions: {
      input: [at("src/main.ts"), at("src/screen.ts")],
      // htmx contains an eval that `allowEval: false` never reaches and the policy would stop.
      checks: { eval: false, pluginTimings: false },
    },
  },
  css: {
    preprocessorOptions: {
      scss: { loadPaths: [at("node_modules/@uswds/uswds/packages")], quietDeps: true },
    },
  },
  plugins: [iconSheet(at("node_modules/@uswds/uswds/dist/img/usa-icons"))],
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
});
