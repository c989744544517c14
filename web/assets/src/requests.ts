/**
 * htmx as we use it: our token on every request, a renewed one after 401, error answers shown where they belong.
 * An HTML answer is made for the screen whatever its status; a problem document becomes a toast.
 */
import htmx from "htmx.org";
import { fresh, renew, token } from "./token";
import { toast } from "./toast";
import { word } from "./words";

interface RequestDetail {
  elt: Element;
  target: Element;
  xhr: XMLHttpRequest;
  shouldSwap: boolean;
  isError: boolean;
  requestConfig: { verb: string; path: string; triggeringEvent?: Event };
}

const retried = new WeakSet<Element>();

export function startRequests(): void {
  // The page's own policy forbids inline code and styles, and a payment page has no place in a history cache.
  Object.assign(htmx.config, {
    allowEval: false,
    includeIndicatorStyles: false,
    historyEnabled: false,
    disableInheritance: true, // a form must not take over what the list around it does with its own requests
    defaultSettleDelay: 0, // what replaces a list must hear the next event at once
    selfRequestsOnly: true,
    timeout: 30_000,
  });

  document.addEventListener("htmx:configRequest", (event) => {
    const { detail } = event as CustomEvent<{ headers: Record<string, string> }>;
    detail.headers.Accept = "text/html"; // the same addresses answer JSON to programs
    if (token() !== "") detail.headers.Authorization = `Bearer ${token()}`;
  });

  document.addEventListener("htmx:confirm", renewFirst);
  document.addEventListener("htmx:beforeOnLoad", retryUnauthorised);
  document.addEventListener("htmx:beforeOnLoad", refuseWithoutForm);
  document.addEventListener("htmx:beforeSwap", placeAnswer);
  document.addEventListener("htmx:sendError", () => toast("error", word("offline")));
  document.addEventListener("htmx:timeout", () => toast("error", word("offline")));
}

/** A token that is about to end is renewed before the request leaves, rather than after it was refused. */
function renewFirst(event: Event): void {
  if (fresh()) return;

  const { detail } = event as CustomEvent<{ issueRequest: (confirmed: boolean) => void }>;
  event.preventDefault();
  void renew().then(() => detail.issueRequest(false));
}

/** 401 means that nothing was done: renew and send the same again, once. */
function retryUnauthorised(event: Event): void {
  const { detail } = event as CustomEvent<RequestDetail>;
  const { elt, target, xhr, requestConfig } = detail;

  if (xhr.status !== 401) {
    retried.delete(elt);

    return;
  }

  event.preventDefault();
  if (retried.has(elt)) {
    retried.delete(elt);
    toast("error", word("expired"));

    return;
  }

  retried.add(elt);
  void renew().then((renewed) => {
    if (!renewed) {
      retried.delete(elt);
      toast("error", word("expired"));

      return;
    }

    const again = { source: elt, target, event: requestConfig.triggeringEvent };
    void htmx.ajax(requestConfig.verb as "get" | "post", requestConfig.path, again);
  });
}

/** A refusal that is made for a form and answers a lone button: htmx would find no place for it and say nothing. */
function refuseWithoutForm(event: Event): void {
  const { elt, xhr } = (event as CustomEvent<RequestDetail>).detail;
  if (event.defaultPrevented || xhr.getResponseHeader("HX-Retarget") !== "find .form-errors" || elt.querySelector(".form-errors")) return;

  event.preventDefault();
  const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
  toast("error", answer.querySelector("[data-sentence]")?.textContent || word("refused"));
}

function placeAnswer(event: Event): void {
  const { detail } = event as CustomEvent<RequestDetail>;
  if (detail.xhr.status < 400) return;

  const kind = detail.xhr.getResponseHeader("Content-Type") ?? "";
  if (kind.startsWith("text/html")) {
    detail.shouldSwap = true;
    detail.isError = false;

    return;
  }

  detail.shouldSwap = false;
  toast("error", sentence(detail.xhr.responseText));
}

/** The sentence for people in a problem document (RFC 9457), or a general one. */
export function sentence(body: string): string {
  try {
    const problem = JSON.parse(body) as { detail?: string; title?: string };

    return problem.detail || problem.title || word("refused");
  } catch {
    return word("refused");
  }
}
