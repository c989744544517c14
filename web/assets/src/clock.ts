/**
 * Ticking times. <time data-since="RFC 3339"> counts up, <span data-until="RFC 3339"> counts down; both once a second, here,
 * so that a silent terminal costs no traffic. The till's own clock may be wrong: the server's is taken from its answers.
 * <time data-time datetime="…"> is written in the viewer's own time zone, with the date when it is not today's;
 * <time data-date datetime="2026-11-21"> is a day, which is the same everywhere;
 * data-show-after="RFC 3339" lets something appear when its moment has come.
 */
let ahead = 0; // milliseconds by which the server is ahead of this machine

/** Learns the server's time from a Date header or the page's own stamp; differences under two seconds are the header's own coarseness. */
export function learnTime(header: string | null): void {
  const server = header ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(server)) return;

  const found = server - Date.now();
  ahead = Math.abs(found) < 2000 ? 0 : found;
}

/** The server's time now, in milliseconds. */
export function serverNow(): number {
  return Date.now() + ahead;
}

/** Writes 42 s as 0:42 and 3,725 s as 1:02:05: digits alone, right in every language. Never negative. */
export function span(milliseconds: number): string {
  const all = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (n: number) => String(n).padStart(2, "0");

  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** Brings every ticking time below root up to date. */
export function tick(root: ParentNode = document): void {
  const now = Date.now() + ahead;

  for (const node of root.querySelectorAll<HTMLElement>("[data-since], [data-until]")) {
    const since = Date.parse(node.dataset.since ?? "");
    const until = Date.parse(node.dataset.until ?? "");
    const left = Number.isNaN(since) ? until - now : now - since;
    if (!Number.isNaN(left)) write(node, span(left));
  }
  for (const node of root.querySelectorAll<HTMLTimeElement>("time[data-time]")) {
    const when = Date.parse(node.dateTime);
    if (!Number.isNaN(when)) write(node, local(new Date(when), new Date(now)));
  }
  for (const node of root.querySelectorAll<HTMLTimeElement>("time[data-date]")) {
    const day = Date.parse(node.dateTime);
    if (!Number.isNaN(day)) write(node, new Date(day).toLocaleDateString(locale(), { dateStyle: "medium", timeZone: "UTC" }));
  }
  for (const node of root.querySelectorAll<HTMLElement>("[data-show-after]")) {
    if (node.hidden && Date.parse(node.dataset.showAfter ?? "") <= now) node.hidden = false;
  }
}

/** How the viewer's language writes dates; the page names it, because the language alone does not tell the digits. */
function locale(): string {
  return document.documentElement.dataset.locale ?? document.documentElement.lang;
}

function local(when: Date, now: Date): string {
  const today = when.toDateString() === now.toDateString();

  return when.toLocaleString(locale(), today
    ? { hour: "numeric", minute: "2-digit", second: "2-digit" }
    : { day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit" });
}

function write(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function startClock(): void {
  // The page says when it was drawn: nothing is called late because this machine's clock is.
  const drawn = document.documentElement.dataset.now;
  if (drawn) learnTime(drawn);
  tick();
  window.setInterval(tick, 1000);
}
