// The list of terminals, refreshed once a second.
'use strict';

const list = document.getElementById('terminals');

function tile(t) {
  const item = document.createElement('li');
  const link = document.createElement('a');
  link.href = '/pad/' + t.id;
  link.className = 'tile';
  link.dataset.test = 'terminal-' + t.id;
  const add = (tag, cls, text) => {
    const el = document.createElement(tag);
    el.className = cls;
    el.textContent = text;
    link.append(el);
  };
  add('strong', '', t.config.name);
  add('span', 'muted', t.config.merchant + ' · ' + t.config.catId);
  const idle = t.online ? ['WELCOME', t.paired ? 'READY' : 'NOT PAIRED'] : ['OUT OF SERVICE', 'NOT CONNECTED'];
  add('pre', 'mini', ((t.busy && t.screen.lines) || idle).join('\n'));
  add('span', 'state ' + (!t.online ? 'bad' : t.paired ? 'good' : ''), (t.online ? 'online' : 'offline') + (t.paired ? ' · paired' : ' · not paired'));
  item.append(link);
  return item;
}

let drawn = '';
async function refresh() {
  try {
    const terminals = await (await fetch('/control/terminals')).json();
    const now = JSON.stringify(terminals.map((t) => [t.id, t.config.name, t.screen.lines, t.busy, t.online, t.paired]));
    if (now !== drawn) {
      list.replaceChildren(...terminals.map(tile));
      drawn = now;
    }
  } catch { /* the simulator is restarting; the next look tells */ }
  setTimeout(refresh, 1000);
}
refresh();
