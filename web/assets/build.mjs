// Builds dist/app.js and dist/app.css. `node build.mjs --watch` builds again at each change.
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
  format: "iife",
  target: ["chrome109", "edge109", "firefox115", "safari16.4"],
  loader: { ".svg": "dataurl" },
  legalComments: "linked",
  logLevel: "warning",
};

if (process.argv.includes("--watch")) {
  const context = await esbuild.context({ ...options, minify: false, sourcemap: "inline", logLevel: "info" });
  await context.watch();
} else {
  await esbuild.build(options);
}
