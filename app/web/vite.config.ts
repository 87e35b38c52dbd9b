import { defineConfig } from "vitest/config";

export default defineConfig({
  build: {
    target: "es2022",
    // Nothing is inlined as data: the page's content policy allows its own files only.
    assetsInlineLimit: 0,
    // MapLibre is large by nature; it comes in a file of its own that stays cached.
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      // One page for a run that is served alone, one for an institution where people sign in.
      input: { index: "index.html", office: "office.html" },
      output: { manualChunks: { maplibre: ["maplibre-gl"], uplot: ["uplot"] } },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000", "/map-layers": "http://127.0.0.1:8000" } },
  test: { include: ["tests/**/*.test.ts"] },
});
