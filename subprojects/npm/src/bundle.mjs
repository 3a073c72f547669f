// Runs when Zako is built: makes one ES module of a file and all that it imports.
//
//   node bundle.mjs FILE OUTPUT
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readFile } from "node:fs/promises";
import { build } from "esbuild";

/** Scripts have no Symbol(): each call makes another one. Registered symbols do as well for packages that make a few. */
const registeredSymbols = {
  name: "registered-symbols",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/\bSymbol\(/g, "Symbol.for("),
    })),
};

const [file, output] = process.argv.slice(2).map((path) => resolve(path));
await build({
  entryPoints: [file],
  outfile: output,
  // The names of files that stay in it are relative to this folder: it is the same wherever it is made.
  absWorkingDir: fileURLToPath(new URL("..", import.meta.url)),
  bundle: true,
  format: "esm",
  platform: "neutral",
  mainFields: ["main"],
  logLevel: "warning",
  plugins: [registeredSymbols],
});
