// The virtual PIN pad: draws what the simulator says, and presses keys for people.
'use strict';

const id = location.pathname.split('/').pop();
const $ = (name) => document.getElementById(name);
const base = '/control/terminals/' + id;
let state = null;      // the latest view of the terminal
let card = 'visa';     // the chosen test card
let seen = '';         // the last screen of a finished request, and when it was first seen
let seenAt = 0;
let codeUntil = 0;
let currentCode = '';

async function call(method, path, body) {
  const res = await fetch(path, {
    method, headers: { 'Content-Type': 'application/json' }, body: body ? JSON.stringify(body) : undefined,
  });
  return { ok: res.ok, body: await res.json() };
}

async function act(path, body) {
  const { ok, body: view } = await call('POST', base + path, body);
  if (ok && view.version !== undefined) draw(view);
  return ok;
}

const money = (cents) => (cents / 100).toFixed(2);
const now = () => performance.now();

// idle is what a terminal without work shows.
function idle(t) {
  if (!t.online) return ['OUT OF SERVICE', 'NOT CONNECTED'];
  if (t.pairCode) return ['PAIR CODE', t.pairCode];
  return t.paired ? ['WELCOME', 'READY'] : ['NOT PAIRED', 'PRESS NEW PAIR CODE'];
}

// lines are the two lines to show. The last screen of a finished request stays for a while.
function lines(t) {
  const shown = t.screen.lines || [];
  if (t.busy && shown.length) {
    seen = '';
    if (t.screen.wants === 'pin') return [shown[0], '*'.repeat(t.typed)];
    return shown;
  }
  const key = t.screen.session + shown.join();
  if (shown.length && key !== seen) {
    seen = key;
    seenAt = now();
  }
  return shown.length && now() - seenAt < 6000 ? shown : idle(t);
}

const hints = {
  card: 'Choose a card, then tap, insert or swipe it (keys T, I, S).',
  account: 'Pick CHQ, SAV or CRD (keys H, V, C).',
  pin: 'Enter any PIN of four digits or more, then OK.',
  answer: 'The operator compares the signature: YES or NO.',
  ok: 'Press OK to go on.',
  keyed: 'Choose a card; OK keys its number, as the operator would.',
  tip: 'Choose a tip with 1, 2 or 3; OK is no tip.',
  auth: 'The operator has to enter a password on the POS.',
};

function draw(t) {
  state = t;
  document.title = t.config.name + ' · virtual PIN pad';
  $('name').textContent = t.config.name;
  $('merchant').textContent = t.config.merchant;
  $('link').textContent = t.online ? 'online' : 'offline';
  $('link').classList.toggle('off', !t.online);
  drawScreen(t);
  drawKeys(t);
  drawPairing(t);
  $('online').checked = t.online;
  $('auto').checked = t.auto;
  drawCharges(t.charges);
  document.dispatchEvent(new CustomEvent('terminal', { detail: t }));
  $('calmstate').textContent = t.calm ? 'calm' : 'misbehaving';
  $('violations').textContent = t.violations
    ? t.violations + ' request(s) broke a rule of the real service: see /control/violations' : '';
}

function drawScreen(t) {
  const [a, b] = lines(t);
  $('line1').textContent = a.trim() || '\u00a0';
  $('line2').textContent = (b || '').trim() || '\u00a0';
  $('amount').textContent = t.busy && t.amount ? t.currency + ' ' + money(t.amount) : '\u00a0';
  const first = a.trim();
  $('device').dataset.mood = !t.online ? 'off' : first === 'APPROVED' ? 'good'
    : ['DECLINED', 'CANCELLED', 'SYSTEM ERROR'].includes(first) ? 'bad' : t.screen.wants === 'card' && t.busy ? 'card' : '';
}

function wanted(t) {
  return t.busy ? t.screen.wants : '';
}

function drawKeys(t) {
  const want = wanted(t);
  const on = {
    tap: want === 'card', insert: want === 'card', swipe: want === 'card',
    chq: want === 'account', sav: want === 'account', crd: want === 'account',
    yes: want === 'answer', no: want === 'answer', clear: want === 'pin',
    enter: want === 'ok' || want === 'keyed' || want === 'tip' || (want === 'pin' && t.typed >= 4), cancel: want !== '' && t.screen.cancel,
  };
  for (const el of document.querySelectorAll('[data-key]')) el.disabled = !on[el.dataset.key];
  for (const el of document.querySelectorAll('[data-digit]')) el.disabled = want !== 'pin' && !(want === 'tip' && '123'.includes(el.dataset.digit));
  $('answers').hidden = want !== 'answer';
  $('accounts').hidden = want === 'answer';
  $('hint').textContent = hints[want] || (t.busy ? 'Please wait.' : 'Waiting for the POS to send an amount.');
}

function drawPairing(t) {
  if (t.pairCode !== currentCode) {
    currentCode = t.pairCode;
    codeUntil = now() + t.pairCodeLeft * 1000;
    $('time').max = Math.max(1, t.pairCodeLeft);
  }
  $('code').textContent = t.pairCode || '––––––';
  $('code').classList.toggle('none', !t.pairCode);
  $('time').hidden = !t.pairCode;
  $('user').textContent = t.config.username;
  $('pass').textContent = t.config.password;
  $('paired').textContent = t.paired ? 'paired' : 'not paired';
  tick();
}

function tick() {
  const left = currentCode ? Math.max(0, Math.ceil((codeUntil - now()) / 1000)) : 0;
  $('time').value = left;
  $('left').textContent = left ? 'valid for ' + left + ' s' : (state && state.paired ? 'not needed: the terminal is paired' : 'no code, or it has expired');
  if (currentCode && !left) {
    $('code').textContent = '––––––';
    $('code').classList.add('none');
  }
}

function drawCharges(charges) {
  const rows = charges.map((c) => {
    const li = document.createElement('li');
    li.dataset.test = 'charge';
    li.className = c.approved ? 'good' : 'bad';
    const add = (cls, text) => {
      const el = document.createElement('span');
      el.className = cls;
      el.textContent = text;
      li.append(el);
    };
    add('what', ({ R: 'Refund', C: 'Cash-out' }[c.type] || 'Purchase') + ' ' + c.txnRef);
    add('sum', c.approved ? (c.type === 'R' ? '−' : '') + money(c.amount) : 'declined');
    add('muted', new Date(c.at).toLocaleTimeString() + ' · ' + c.card + ' · code ' + c.code);
    return li;
  });
  if (!rows.length) {
    const li = document.createElement('li');
    li.className = 'none muted';
    li.textContent = 'No card has reached the bank yet.';
    rows.push(li);
  }
  $('charges').replaceChildren(...rows);
}

async function drawCards() {
  const { body } = await call('GET', '/control/state');
  $('cards').replaceChildren(...body.cards.map((c) => {
    const label = document.createElement('label');
    label.className = 'card ' + c.id;
    const radio = document.createElement('input');
    radio.type = 'radio';
    radio.name = 'card';
    radio.value = c.id;
    radio.checked = c.id === card;
    radio.dataset.test = 'card-' + c.id;
    radio.addEventListener('change', () => { card = c.id; });
    const parts = [['b', c.label], ['i', ''], ['span', '•••• ' + c.masked.slice(-4)], ['small', c.note]].map(([tag, text]) => {
      const el = document.createElement(tag);
      el.textContent = text;
      return el;
    });
    label.append(radio, ...parts);
    return label;
  }));
}

function press(key, digit) {
  return act('/press', { key, digit, card: ['tap', 'insert', 'swipe'].includes(key) || (key === 'enter' && wanted(state) === 'keyed') ? card : undefined });
}

document.addEventListener('click', (e) => {
  const button = e.target.closest('[data-key],[data-digit]');
  if (!button) return;
  if (button.dataset.digit) press('digit', button.dataset.digit);
  else press(button.dataset.key);
});

const shortcuts = {
  t: 'tap', i: 'insert', s: 'swipe', h: 'chq', v: 'sav', c: 'crd', y: 'yes', n: 'no', Enter: 'enter', Escape: 'cancel', Backspace: 'clear',
};
document.addEventListener('keydown', (e) => {
  if (!state || e.ctrlKey || e.altKey || e.metaKey) return;
  const busy = e.target.closest('input:not([type=radio]),select,summary,a,textarea');
  const onButton = e.target.closest('button');
  if (busy || (onButton && e.key === 'Enter')) return;
  if (/^[0-9]$/.test(e.key) && ['pin', 'tip'].includes(wanted(state))) press('digit', e.key);
  else if (shortcuts[e.key] && wanted(state)) {
    e.preventDefault();
    press(shortcuts[e.key]);
  }
});

$('newcode').addEventListener('click', () => act('/pair-code'));
$('online').addEventListener('change', (e) => act('/online', { online: e.target.checked }));
$('auto').addEventListener('change', (e) => act('/auto', { on: e.target.checked, delayMs: 900 }));

// follow waits on the simulator for the next change, so that the screen is never late.
async function follow() {
  for (;;) {
    try {
      const after = state ? '?after=' + state.version : '';
      const res = await fetch(base + after);
      if (!res.ok) throw new Error('status ' + res.status);
      draw(await res.json());
    } catch {
      $('link').textContent = 'simulator not reachable';
      $('link').classList.add('off');
      await new Promise((resume) => { setTimeout(resume, 1000); });
      state = null;
    }
  }
}

setInterval(() => {
  tick();
  if (state && !state.busy) drawScreen(state);
}, 500);
drawCards();
follow();
