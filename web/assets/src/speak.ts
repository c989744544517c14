/**
 * One polite live region speaks for the whole page: several of them talk over each other.
 * An element with data-announce="sentence" is read when its sentence is new in its panel.
 */
const said = new WeakMap<Element, string>();

export function announce(sentence: string): void {
  let region = document.getElementById("announcer");
  if (!region) {
    region = document.createElement("div");
    region.id = "announcer";
    region.className = "visually-hidden";
    region.setAttribute("role", "status");
    region.setAttribute("aria-live", "polite");
    document.body.append(region);
  }

  // The same words twice in a row are a change only when the region was empty in between.
  const target = region;
  target.textContent = "";
  window.setTimeout(() => { target.textContent = sentence; }, 50);
}

/** Reads what is new below root. The first look at a panel is silent: the reader is about to read the page itself. */
export function announceChanges(root: Element, silent = false): void {
  const sentence = [...root.querySelectorAll<HTMLElement>("[data-announce]")]
    .map((node) => node.dataset.announce ?? "")
    .filter((text) => text !== "")
    .join(" ");

  if (sentence === (said.get(root) ?? "")) return;

  said.set(root, sentence);
  if (!silent && sentence !== "") announce(sentence);
}
