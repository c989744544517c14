import { learnTime } from "./clock";
import { fresh, renew, token } from "./token";

/**
 * fetch with our token. A 401 is answered once with a renewed token: it means that nothing was done,
 * so sending again is safe. Everything else is the caller's to judge.
 */
export async function call(path: string, init: RequestInit = {}): Promise<Response> {
  if (!fresh()) await renew();

  const first = await send(path, init);
  if (first.status !== 401 || !(await renew())) return first;

  return send(path, init);
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token() !== "") headers.set("Authorization", `Bearer ${token()}`);

  const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(15_000), ...init, headers });
  learnTime(answer.headers.get("Date"));

  return answer;
}
