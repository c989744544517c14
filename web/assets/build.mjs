// Builds dist/app.js and dist/app.css. `node build.mjs --watch` builds again at each change.
import { readdirSync, rmSync } from "node:fs";
import { basename } from "node:path";
import * as esbuild from "esbuild";

const options = {
  absWorkingDir: import.meta.dirname,
  entryPoints: [
    { in: "src/app.ts", out: "app" },
    { in: "src/app.css", out: "app" },
  ],
  outdir: "dist",
  bundle: true,
  minify: true,
  metafile: true,
  // Load with <script type="module">. The portal's library is a chunk of its own, fetched after the first paint.
  format: "esm",
  splitting: true,
  chunkNames: "[name]-[hash]",
  target: ["chrome109", "edge109", "firefox115", "safari16.4"],
  loader: { ".svg": "dataurl" },
  // Of the portal's library the frame alone: its index brings the push client with it, a third of a megabyte nobody uses.
  alias: { "@bitrix24/b24jssdk": "./node_modules/@bitrix24/b24jssdk/dist/esm/loader-b24frame.mjs" },
  legalComments: "linked",
  logLevel: "warning",
};

if (process.argv.includes("--watch")) {
  const context = await esbuild.context({ ...options, minify: false, sourcemap: "inline", logLevel: "info" });
  await context.watch();
} else {
  const { metafile } = await esbuild.build(options);
  const written = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));

  // Chunks of earlier builds would be embedded for ever. They go last, so that dist is never without its bundle.
  for (const name of readdirSync(new URL("dist/", import.meta.url))) {
    if (name !== ".placeholder" && !written.has(name)) rmSync(new URL(`dist/${name}`, import.meta.url));
  }
}
