// Hosts the app's pages: a cross-site iframe loaded by a form post, and the commands it may send to the portal.

import { post, refresh } from './api.js';
import { pickUsers } from './picker.js';
import { openPage, openSlider } from './slider.js';
import { formatReply, parseMessage } from './wire.js';

const frames = new Map();

// loadFrame puts the app into place. mode is page, tab, slider or install.
export async function loadFrame(place, request, mode, slider) {
  const doc = place.ownerDocument;
  const info = await post('/portal/frame', { ...request, uri: location.pathname + location.search });
  const iframe = doc.createElement('iframe');
  iframe.id = `appframe_${info.sid}`;
  iframe.name = info.name;
  iframe.title = info.title;
  iframe.className = `app-iframe as-${mode}`;
  iframe.allow = 'geolocation *; microphone *; camera *; autoplay *;';
  iframe.dataset.test = 'frame';

  const form = doc.createElement('form');
  form.id = `appform_${info.sid}`;
  form.name = form.id;
  form.method = 'POST';
  form.action = info.action;
  form.target = info.name;
  form.hidden = true;
  for (const [name, value] of Object.entries(info.fields)) {
    form.append(Object.assign(doc.createElement('input'), { type: 'hidden', name, value }));
  }
  const host = { info, iframe, mode, slider, bound: [] };
  frames.set(info.sid, host);
  // The frame's messages go to the window that holds it, which for a slider is the outermost one.
  listen(doc.defaultView);
  place.replaceChildren(iframe, form);
  form.submit();
  return host;
}

export function openInSlider(request, { title, width, onClose } = {}) {
  openSlider({
    title: title || 'Application',
    width,
    onClose,
    fill: (content, slider) => loadFrame(content, request, request.install ? 'install' : 'slider', slider),
  });
}

const heard = new WeakSet();

function listen(view) {
  if (heard.has(view)) return;
  heard.add(view);
  view.addEventListener('message', receive);
}

function receive(event) {
  const message = parseMessage(event.data);
  const host = message && frames.get(message.sid);
  if (!host || event.origin !== host.info.appOrigin || event.source !== host.iframe.contentWindow) return;
  const run = commands[message.command];
  // Unknown and denied commands get no answer at all.
  if (!run || denied(host, message.command)) return;
  const reply = (result) => {
    if (message.key) host.iframe.contentWindow?.postMessage(formatReply(message.key, result), host.info.appOrigin);
  };
  run(host, message.params, reply);
}

function denied(host, command) {
  const inner = host.info.initData.PLACEMENT !== 'DEFAULT';
  if (inner && ['setTitle', 'setScroll', 'reloadWindow'].includes(command)) return true;
  // Only places in the CRM know what data there is to reload.
  if (!inner && command === 'reloadData') return true;
  return host.slider !== undefined && command === 'resizeWindow';
}

const commands = {
  getInitData: (host, _, reply) => reply(host.info.initData),
  setInstall: (_host, params, reply) => reply(params),
  setInstallFinish: (host) => finishInstall(host),
  refreshAuth: (host, _, reply) => refreshAuth(host, reply),
  resizeWindow: (host, params, reply) => reply(resize(host, params)),
  setScroll: (_host, params, reply) => { window.scrollTo(0, Number(params.scroll) || 0); reply(params); },
  setTitle: (_host, params, reply) => reply(setTitle(params)),
  reloadWindow: () => location.reload(),
  reloadData: async (_host, _params, reply) => { await refresh(); reply(); },
  setUserOption: (host, params, reply) => setOption(host, 'user', params, reply),
  setAppOption: (host, params, reply) => setOption(host, 'app', params, reply),
  openPath: (_host, params, reply) => openPath(params, reply),
  openApplication: (_host, params, reply) => openApplication(params, reply),
  closeApplication: (host, _, reply) => { reply(); host.slider?.close(); },
  selectUser: async (_host, params, reply) => selectUser(params, reply),
  getInterface: (host, _, reply) => reply(host.info.interface),
  placementBindEvent: (host, params, reply) => { host.bound.push({ event: params.event, reply }); },
};

async function finishInstall(host) {
  const { location: next } = await post('/portal/frame/install-finish', { sid: host.info.sid });
  if (next) window.location.assign(next);
}

async function refreshAuth(host, reply) {
  try {
    const fresh = await post('/portal/frame/refresh', { sid: host.info.sid });
    Object.assign(host.info.initData, fresh);
    reply(fresh);
  } catch {
    // The real portal says so to the person and never answers the frame.
    window.alert('The application could not be authorised again. Reload the page.');
  }
}

function resize(host, { width, height }) {
  if (typeof height === 'number' && height > 0) host.iframe.style.height = `${Math.ceil(height)}px`;
  if (typeof width === 'number' && width > 0) host.iframe.style.width = `${Math.ceil(width)}px`;
  if (width === '100%') host.iframe.style.width = '100%';
  return { width: host.iframe.offsetWidth, height: host.iframe.offsetHeight };
}

function setTitle({ title }) {
  // Only the heading above the app changes, never the title of the browser's tab.
  const heading = document.getElementById('app-title');
  if (heading) heading.textContent = title;
  return { title };
}

async function setOption(host, kind, params, reply) {
  try {
    reply(await post('/portal/frame/option', { sid: host.info.sid, kind, name: params.name, value: String(params.value) }));
  } catch {
    // Denied commands stay unanswered.
  }
}

// The official library asks for a slider's width by going there through another page:
// /crm/type/0/details/0/../../../../../crm/deal/details/513/ so the path is made plain first.
function openPath({ path }, reply) {
  const known = /^\/(crm\/(deal|type\/31)|shop\/orders)\/details\/\d+\/?$/;
  const wanted = String(path || '').startsWith('/') ? new URL(path, location.origin) : null;
  if (!wanted || wanted.origin !== location.origin || !known.test(wanted.pathname)) {
    reply({ result: 'error', errorCode: 'PATH_NOT_AVAILABLE' });
    return;
  }
  openPage(wanted.pathname + wanted.search, () => { reply({ result: 'close' }); refresh(); });
}

function openApplication(params, reply) {
  const options = Object.fromEntries(Object.entries(params || {}).map(([name, value]) => [name, String(value)]));
  const width = Number(params?.bx24_width) || undefined;
  openInSlider({ placement: 'DEFAULT', options }, { title: params?.bx24_title, width, onClose: () => reply() });
}

async function selectUser(params, reply) {
  const multiple = params.mult === true || params.mult === 'true';
  const picked = await pickUsers(multiple);
  if (picked) reply(picked);
}
