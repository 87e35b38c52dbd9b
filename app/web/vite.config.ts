import { defineConfig } from "vitest/config";
import { officeFiles } from "./officefiles";
import { packed } from "./packed";

export default defineConfig({
  plugins: [officeFiles(), packed()],
  build: {
    target: "es2022",
    // Nothing is inlined as data: the page's content policy allows its own files only.
    assetsInlineLimit: 0,
    // MapLibre is large by nature; it comes in a file of its own that stays cached.
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      // One page for a run that is served alone, one for an institution where people sign in; and the office's service
      // worker, whose name never changes, since browsers look for a newer one under it.
      input: { index: "index.html", office: "office.html", sw: "src/office/sw.ts" },
      output: {
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
        manualChunks: { maplibre: ["maplibre-gl"], uplot: ["uplot"] },
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000", "/map-layers": "http://127.0.0.1:8000" } },
  test: { include: ["tests/**/*.test.ts"] },
});
