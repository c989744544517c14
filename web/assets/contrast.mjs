// Holds the colours of tokens.css to WCAG 2.2 AA in both themes: 4.5:1 for text, 3:1 for edges that one must see.
import { readFileSync } from "node:fs";

const css = readFileSync(new URL("src/css/tokens.css", import.meta.url), "utf8");
const [lightPart, darkPart] = css.split("@media (prefers-color-scheme: dark)");

function colours(part) {
  return Object.fromEntries([...part.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/gi)].map((m) => [m[1], m[2]]));
}

function luminance(hex) {
  const [r, g, b] = [1, 3, 5]
    .map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const surfaces = ["page", "panel", "panel-2"];
const tones = ["info", "ok", "warn", "error", "calm"];
const text = [
  ...surfaces.flatMap((s) => [["text", s], ["text-2", s], ["text-3", s], ["link", s]]),
  ...tones.flatMap((t) => [[`${t}-text`, `${t}-bg`], ["text", `${t}-bg`], [`${t}-text`, "panel"]]),
  ["text-2", "info-bg"], ["link", "info-bg"], ["link", "error-bg"], ["link", "warn-bg"], ["text-3", "calm-bg"],
  ["on-primary", "primary"], ["on-primary", "primary-hover"], ["on-danger", "danger"], ["on-danger", "danger-hover"],
  ["panel", "ok-text"], ["panel", "error-text"],
];
const edges = [
  ...surfaces.flatMap((s) => [["edge", s], ["focus", s], ["primary", s]]),
  ["primary", "info-bg"],
];

const light = colours(lightPart);
const dark = { ...light, ...colours(darkPart) };
let faults = 0;

for (const [theme, set] of [["light", light], ["dark", dark]]) {
  for (const [pairs, least] of [[text, 4.5], [edges, 3]]) {
    for (const [front, back] of pairs) {
      const found = ratio(set[front], set[back]);
      if (found >= least) continue;
      faults++;
      console.error(`${theme}: ${front} on ${back} is ${found.toFixed(2)}:1, needs ${least}:1`);
    }
  }
}

process.exit(faults ? 1 : 0);
