/**
 * The bridge to the portal around us. Outside a Bitrix24 frame every call is a quiet no: the page works the same,
 * only the portal is not told. Inside, every call has a time-out, because commands that the portal
 * does not know are ignored in silence (reference bitrix24 5.4).
 */
import type { B24Frame } from "@bitrix24/b24jssdk";
import { within } from "./within";

/** What POST /bitrix/app needs to know the viewer again. */
export interface Renewal {
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
  memberID: string;
  placement: string;
  placementOptions: string;
  language: string;
}

export interface PortalUser { id: string; name: string }

const answerTime = 5_000;
const personTime = 10 * 60_000; // a dialog stays open as long as a person thinks

let ready: Promise<B24Frame | null> | undefined;

/** Bitrix24 names the frame DOMAIN|PROTOCOL|APP_SID; anything else is an ordinary window. */
export function inFrame(): boolean {
  const [domain, , sid] = window.name.split("|");

  return window.parent !== window && Boolean(domain) && Boolean(sid);
}

/** The connected bridge, or null outside a portal or when the portal does not answer. The library is fetched only here. */
export function connect(): Promise<B24Frame | null> {
  ready ??= inFrame()
    ? within(import("@bitrix24/b24jssdk").then((sdk) => sdk.initializeB24Frame()), answerTime, "getInitData").catch(() => null)
    : Promise.resolve(null);

  return ready;
}

async function ask<T>(what: string, time: number, work: (frame: B24Frame) => Promise<T>): Promise<T | null> {
  const frame = await connect();
  if (!frame) return null;

  return within(work(frame), time, what).catch(() => null);
}

/** Fresh tokens of the viewer from the portal; null when there is none to be had. */
export async function refreshAuth(): Promise<Renewal | null> {
  return ask("refreshAuth", 12_000, async (frame) => {
    const auth = await frame.auth.refreshAuth();
    if (!auth) throw new Error("refreshAuth: refused");

    return {
      accessToken: auth.access_token,
      refreshToken: auth.refresh_token,
      expiresIn: auth.expires_in,
      memberID: auth.member_id,
      placement: frame.placement.placement ?? "DEFAULT",
      placementOptions: JSON.stringify(frame.placement.options ?? {}),
      language: frame.getLang(),
    };
  });
}

/** DOMAIN, PROTOCOL, LANG and APP_SID as the portal puts them into the query of every app page (reference bitrix24 1.4). */
export function portalQuery(language: string): string {
  const [domain = "", protocol = "1", sid = ""] = window.name.split("|");

  return new URLSearchParams({ DOMAIN: domain, PROTOCOL: protocol, LANG: language, APP_SID: sid }).toString();
}

let fitted = 0;

/** Gives the frame the height of its content, in tabs of a card only: the app's own page and sliders scroll by themselves. */
export async function fitWindow(): Promise<void> {
  const frame = await connect();
  if (!frame || !/_TAB$/.test(frame.placement.placement) || frame.placement.isSliderMode) return;

  // The document is never lower than the frame, so its own height cannot tell that nothing changed.
  const height = document.body.offsetHeight;
  if (height === fitted) return;

  fitted = height;
  await ask("fitWindow", answerTime, (bridge) => bridge.parent.fitWindow());
}

/** Ends the installer. The portal reloads us and never answers, so silence is the good case here. */
export async function installFinish(): Promise<void> {
  const frame = await connect();
  if (!frame?.isInstallMode) return;

  await within(frame.installFinish(), answerTime, "installFinish").catch(() => undefined);
}

/** The portal's own picker of employees; null when it was closed or could not open. */
export async function selectUsers(): Promise<PortalUser[] | null> {
  const picked = await ask("selectUsers", personTime, (frame) => frame.dialog.selectUsers());
  if (!Array.isArray(picked)) return null;

  return picked.map((user) => ({ id: String(user.id), name: user.name }));
}

/** Opens a page of the portal in a slider and resolves when it was closed. Outside a portal nothing opens. */
export async function openPath(path: string): Promise<boolean> {
  if (!path.startsWith("/")) return false;

  const closed = await ask("openPath", personTime, (frame) =>
    frame.slider.openPath(new URL(path, frame.getTargetOrigin())));

  return closed !== null;
}

/** Tells the card around the tab to read its own data again, after we changed an invoice. */
export async function reloadData(): Promise<void> {
  await ask("reloadData", answerTime, (frame) => frame.placement.call("reloadData"));
}
