import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const entries = ["shell", "chart", "map", "station", "place", "spot", "field", "review"].map((name) => here(`src/${name}.ts`)).concat(here("worker/worker.ts")).filter((file) => existsSync(file));

// Relative addresses inside the bundle: the same files work under any prefix.
export default defineConfig({
  base: "./",
  publicDir: false,
  build: {
    outDir: here("../src/qingyuan/interfaces/web/static/build"),
    emptyOutDir: true,
    manifest: true,
    modulePreload: false,
    target: "es2022",
    chunkSizeWarningLimit: 1500,
    rollupOptions: { input: entries },
  },
  worker: { format: "es" },
});
