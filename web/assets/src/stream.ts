/**
 * A payment as it happens. <div data-payment-stream="/api/v1/payments/{id}/events"> is kept current by server-sent events;
 * while these are broken the payment is asked for every two seconds, and the page says that the line is unstable,
 * which is a fact about the line and not about the payment.
 *
 * Events on the element: payment:change (state or question changed), payment:end (nothing will change any more).
 */
import { call } from "./api";
import { reloadData } from "./frame";
import { focusOn, render, typing } from "./render";
import { announceChanges } from "./speak";

const firstPause = 500;
const longestPause = 5_000;
const pollEvery = 2_000;
const openTime = 10_000;
const quietTime = 45_000; // then ask once: a dead connection looks like a patient customer

const unstable = new Set<LivePayment>();

function showConnection(): void {
  document.documentElement.dataset.connection = unstable.size > 0 ? "unstable" : "live";
}

/** The pause before attempt n (0, 1, …): half a second, doubling to five, up to a fifth shorter so that tabs do not march in step. */
export function pause(attempt: number, chance: number): number {
  return Math.min(longestPause, firstPause * 2 ** attempt) * (1 - chance / 5);
}

class LivePayment {
  private source: EventSource | undefined;
  private attempts = 0;
  private retry = 0;
  private poll = 0;
  private quiet = 0;
  private ended = false;
  private asking = false;
  private shown = 0;

  constructor(private readonly root: HTMLElement, private readonly events: string) {}

  /** Opens the stream; a ticket is good for one connection, so each attempt fetches its own. */
  async open(): Promise<void> {
    if (this.over()) return;

    try {
      const answer = await call("/api/v1/stream-tickets", { method: "POST", headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`ticket: ${answer.status}`);

      const { ticket } = (await answer.json()) as { ticket: string };
      if (!this.over()) this.listen(ticket);
    } catch {
      this.lost();
    }
  }

  private listen(ticket: string): void {
    const url = new URL(this.events, window.location.href);
    url.searchParams.set("ticket", ticket);
    url.searchParams.set("face", "html");

    const source = new EventSource(url);
    this.source = source;
    const tooLong = window.setTimeout(() => this.lost(source), openTime);

    source.addEventListener("open", () => { window.clearTimeout(tooLong); this.found(); });
    source.addEventListener("payment", (event) => { this.found(); this.show((event as MessageEvent<string>).data); });
    source.addEventListener("end", () => this.end());
    source.addEventListener("error", () => { window.clearTimeout(tooLong); this.lost(source); });
  }

  private found(): void {
    this.attempts = 0;
    window.clearInterval(this.poll);
    this.poll = 0;
    unstable.delete(this);
    showConnection();
    this.watchSilence();
  }

  private watchSilence(): void {
    window.clearTimeout(this.quiet);
    this.quiet = window.setTimeout(() => { void this.askAfterSilence(); }, quietTime);
  }

  private async askAfterSilence(): Promise<void> {
    if (this.over()) return;
    if (await this.ask()) this.watchSilence();
    else this.lost(this.source);
  }

  /** The line broke. A late report about a connection that was replaced already is no news. */
  private lost(source?: EventSource): void {
    if (source && source !== this.source) return;

    this.source?.close();
    this.source = undefined;
    window.clearTimeout(this.quiet);
    if (this.over()) return;

    unstable.add(this);
    showConnection();
    window.clearTimeout(this.retry);
    this.retry = window.setTimeout(() => { void this.open(); }, pause(this.attempts++, Math.random()));
    if (this.poll === 0) this.poll = window.setInterval(() => { void this.ask(); }, pollEvery);
  }

  private async ask(): Promise<boolean> {
    if (this.over() || this.asking) return false;

    this.asking = true;
    const before = this.shown;
    try {
      const path = this.events.replace(/\/events$/, "");
      const answer = await call(path, { headers: { Accept: "text/html" } });
      if (!answer.ok) return false;

      const html = await answer.text();
      // An answer that was overtaken by the stream is old news and must not hide the result.
      if (!this.over() && this.shown === before) this.show(html);

      return true;
    } catch {
      return false;
    } finally {
      this.asking = false;
    }
  }

  private show(html: string): void {
    this.shown++;
    const asked = this.root.querySelector("[data-reload-card]") !== null;
    if (render(this.root, html)) this.tell("payment:change");
    // The card around us shows the invoice's stage: it reads again when the fragment says for the first time that it moved.
    if (!asked && this.root.querySelector("[data-reload-card]")) void reloadData();
  }

  private tell(name: string): void {
    this.root.dispatchEvent(new CustomEvent(name, { bubbles: true }));
  }

  private end(): void {
    this.ended = true;
    this.close();
    this.tell("payment:end");
  }

  /** An element that left the page takes its stream along. */
  private over(): boolean {
    if (!this.ended && this.root.isConnected) return false;
    this.close();

    return true;
  }

  close(): void {
    this.ended = true;
    this.source?.close();
    this.source = undefined;
    window.clearTimeout(this.retry);
    window.clearTimeout(this.quiet);
    window.clearInterval(this.poll);
    if (unstable.delete(this)) showConnection();
  }
}

const panels = new Map<HTMLElement, { url: string; live: LivePayment }>();

/** Opens a stream for each panel that has none, and closes those whose panel has gone. */
export function follow(byUser = true): void {
  for (const [root, { url, live }] of panels) {
    if (root.isConnected && root.dataset.paymentStream === url) continue;
    live.close();
    panels.delete(root);
  }

  for (const root of document.querySelectorAll<HTMLElement>("[data-payment-stream]")) {
    const url = root.dataset.paymentStream ?? "";
    if (url === "" || panels.has(root)) continue;

    const live = new LivePayment(root, url);
    panels.set(root, { url, live });
    announceChanges(root, !byUser);
    // Somebody asked for this panel: the button that was pressed is gone or about to go, and focus with it.
    if (byUser && !typing()) focusOn(root);
    void live.open();
  }
}
