// Calls to the portal's own server. JSON posts cannot be sent by foreign pages without a preflight.

export async function post(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.status === 204 ? null : response.json();
}

let reading = false;
let again = false;

// refresh swaps the parts of the page that are marked data-live for the server's present ones. What a person has
// opened stays open.
export async function refresh() {
  if (reading) {
    again = true;
    return;
  }
  reading = true;
  try {
    const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
    swap(new DOMParser().parseFromString(await response.text(), 'text/html'));
  } finally {
    reading = false;
  }
  if (again) {
    again = false;
    await refresh();
  }
}

function swap(fresh) {
  for (const part of document.querySelectorAll('[data-live]')) {
    const next = fresh.getElementById(part.id);
    if (!next || next.innerHTML === part.innerHTML || part.querySelector('details[open]') || part.open) continue;
    const focus = part.contains(document.activeElement) ? document.activeElement.dataset.test : '';
    part.replaceWith(document.adoptNode(next));
    if (focus) document.querySelector(`[data-test="${focus}"]`)?.focus();
  }
}

// watch waits at the server for changes, for as long as the page lives.
export async function watch() {
  let seen = document.body.dataset.version;
  for (;;) {
    try {
      const response = await fetch(`/portal/changes?seen=${seen}`);
      const { version } = await response.json();
      if (String(version) !== String(seen)) await refresh();
      seen = version;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}
