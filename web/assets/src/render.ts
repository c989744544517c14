/**
 * Puts new HTML into a live element. What is the same stays the same node: focus, an input that is being typed in,
 * an opened fold and a running request survive, and only what changed moves.
 */
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";
import { tick } from "./clock";
import { announceChanges } from "./speak";

/** What the payment looks like to the one who watches: its state, and which question stands in front. */
function face(root: Element): string {
  const status = root.querySelector<HTMLElement>(".live")?.dataset.status ?? "";
  const question = root.querySelector<HTMLElement>("[data-autofocus]")?.dataset.autofocus ?? "";

  return `${status}/${question}`;
}

/** Whether somebody is typing somewhere: focus is never taken from a field. */
export function typing(): boolean {
  return document.activeElement?.matches("input:not([type=radio], [type=checkbox]), textarea, select") ?? false;
}

function morph(root: Element, html: string): void {
  Idiomorph.morph(root, html, {
    morphStyle: "innerHTML",
    ignoreActiveValue: typing(), // a focused title has to change, a field being typed in has not
    callbacks: {
      // data-keep marks what belongs to the person at the screen until it is sent.
      beforeNodeMorphed: (old: Node, fresh: Node) =>
        !(old instanceof HTMLElement && fresh instanceof HTMLElement && old.dataset.keep !== undefined &&
          old.dataset.keep === fresh.dataset.keep),
      beforeAttributeUpdated: (name: string, node: Element) => {
        if (name === "open" && node instanceof HTMLDetailsElement) return false;
        // htmx itself takes these away when its request is over.
        const busy = node.classList.contains("htmx-request");

        return !(busy && (name === "class" || name === "disabled" || name === "data-disabled-by-htmx"));
      },
    },
  });
}

/** Shows html inside root and returns true when the state or the question changed. */
export function render(root: Element, html: string): boolean {
  const before = face(root);
  // What stands below is not pulled up under a hand: the panel never gets lower while it is watched.
  if (root instanceof HTMLElement) root.style.minBlockSize = `${root.offsetHeight}px`;
  morph(root, html);
  htmx.process(root);
  tick(root);

  const changed = face(root) !== before;
  announceChanges(root);
  if (changed && !typing()) focusOn(root);

  return changed;
}

/** Moves focus to what matters now, without scrolling the portal's page under the hand. */
export function focusOn(root: Element): void {
  const goal = root.querySelector<HTMLElement>("[data-autofocus]");
  if (!goal) return;

  if (!goal.matches("a[href], button, input, select, textarea, [tabindex]")) goal.tabIndex = -1;
  goal.focus({ preventScroll: false });
}
