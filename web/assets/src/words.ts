/**
 * A sentence for people. The page brings its own in the viewer's language as <body data-word-offline="…">;
 * the English one serves where it is missing.
 */
const english = {
  offline: "The server cannot be reached. Nothing was sent twice; try again in a moment.",
  expired: "Your session has ended. Open the app again from Bitrix24.",
  refused: "That did not work. Please try again.",
  close: "Close",
  remove: "Remove",
} as const;

export function word(name: keyof typeof english): string {
  const key = `word${name.charAt(0).toUpperCase()}${name.slice(1)}`;

  return document.body.dataset[key] ?? english[name];
}
