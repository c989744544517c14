// The page's script: starts the parts and tells them when something was rendered.
import { startClock, tick } from "./clock";
import { connect, fitWindow, installFinish, reloadData } from "./frame";
import { startForms } from "./forms";
import { startHold } from "./hold";
import { startPrinting } from "./print";
import { startRequests } from "./requests";
import { startScreen } from "./screen";
import { follow } from "./stream";
import { startToken } from "./token";
import { startWaiting } from "./waiting";
import { startWizard } from "./wizard";

startToken();
startRequests();
startHold();
startForms();
startWaiting();
startWizard();

function start(): void {
  startScreen();
  startClock();
  startPrinting();
  follow(false);

  document.addEventListener("htmx:afterSettle", () => {
    tick();
    follow();
    finishInstall();
  });
  document.addEventListener("reload-card", () => { void reloadData(); });

  // Everything that changes the height: swaps, live panels, folds, fonts.
  new ResizeObserver(() => { void fitWindow(); }).observe(document.body);

  void connect().then(() => {
    void fitWindow();
    finishInstall();
  });

  // What somebody came for by a link or a menu opens by itself.
  document.querySelector<HTMLElement>("[data-open-at-start]")?.click();

  performance.mark("usable"); // from here on a click does what it says; figures are taken by it
}

let finishing = false;

// The installer tells the portal once, and last, that everything is done.
function finishInstall(): void {
  if (finishing || !document.querySelector("[data-install-finish]")) return;

  finishing = true;
  void installFinish();
}

// A module script runs when the document has been read; the check serves a page that adds it later.
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start, { once: true });
else start();
