import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig } from "vite";

/** The device sends files as they are, so they are compressed here, once. */
const compressed = {
  name: "compressed",
  closeBundle() {
    const dist = resolve(import.meta.dirname ?? ".", "dist");
    for (const name of readdirSync(dist, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      const file = join(name.parentPath ?? name.path, name.name);
      writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
      rmSync(file);
    }
  },
};

export default defineConfig({
  plugins: [compressed],
  resolve: { alias: { "signalbox-client": resolve("../client/src/index.ts") } },
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: false, reportCompressedSize: false },
});
