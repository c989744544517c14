/**
 * Our own short-lived token. The page brings it in <meta name="app-token">; no cookie ever carries it.
 * It is renewed before it ends: the portal gives fresh tokens of the viewer, and POST /bitrix/app turns them into ours.
 */
import { portalQuery, refreshAuth, type Renewal } from "./frame";

const lifetime = 3_600_000; // when the token does not say (api.md: one hour)
const early = 5 * 60_000;

let current = "";
let ends = 0;
let renewing: Promise<boolean> | undefined;

function meta(): HTMLMetaElement | null {
  return document.querySelector('meta[name="app-token"]');
}

export function token(): string {
  return current;
}

/** When a signed token ends, in milliseconds since 1970, read from its middle part; otherwise an hour from now. */
export function endOf(text: string, now: number): number {
  try {
    const middle = (text.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const { exp } = JSON.parse(atob(middle)) as { exp?: number };

    return typeof exp === "number" ? exp * 1000 : now + lifetime;
  } catch {
    return now + lifetime;
  }
}

function keep(text: string, expiresIn?: number): void {
  current = text;
  ends = expiresIn ? Date.now() + expiresIn * 1000 : endOf(text, Date.now());
  meta()?.setAttribute("content", text);
}

/** True while the token is good for a request that starts now. */
export function fresh(): boolean {
  return current === "" || Date.now() < ends - 15_000;
}

/** Renews the token, once however many ask at the same time. False outside a portal or when it refuses. */
export function renew(): Promise<boolean> {
  renewing ??= renewOnce().finally(() => { renewing = undefined; });

  return renewing;
}

async function renewOnce(): Promise<boolean> {
  const auth = await refreshAuth();
  if (!auth) return false;

  try {
    const answer = await fetch(`/bitrix/app?${portalQuery(auth.language)}`, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: form(auth),
      signal: AbortSignal.timeout(20_000),
    });
    if (!answer.ok) return false;

    const body = (await answer.json()) as { token?: string; expiresIn?: number };
    if (!body.token) return false;

    keep(body.token, body.expiresIn);

    return true;
  } catch {
    return false;
  }
}

/** The fields that the portal itself posts to an app page (reference bitrix24 1.4). */
function form(auth: Renewal): URLSearchParams {
  return new URLSearchParams({
    AUTH_ID: auth.accessToken,
    REFRESH_ID: auth.refreshToken,
    AUTH_EXPIRES: String(auth.expiresIn),
    member_id: auth.memberID,
    PLACEMENT: auth.placement,
    PLACEMENT_OPTIONS: auth.placementOptions,
  });
}

function renewWhenDue(): void {
  if (current !== "" && Date.now() > ends - early) void renew();
}

export function startToken(): void {
  const text = meta()?.content ?? "";
  if (text !== "") keep(text);

  window.setInterval(renewWhenDue, 60_000);
  // Timers of a sleeping laptop or a hidden tab stand still.
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renewWhenDue(); });
}
