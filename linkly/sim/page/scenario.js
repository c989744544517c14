// The picker for what happens to the next sale.
'use strict';

(() => {
  const select = document.getElementById('scenario');
  const sentence = document.getElementById('sentence');
  const sentences = {};
  const terminal = location.pathname.split('/').pop();
  let waiting = '';
  let loaded = false;
  let picking = false; // what the terminal said meanwhile is older than the choice

  function option(value, text) {
    const el = document.createElement('option');
    el.value = value;
    el.textContent = text;
    return el;
  }

  function title(name) {
    const words = name.replaceAll('_', ' ');
    return words[0].toUpperCase() + words.slice(1);
  }

  // show follows the terminal. A scenario that has gone was met by a sale, unless the person here took it back.
  function show(name) {
    if (!loaded) return;
    if (name) sentence.textContent = sentences[name];
    else if (waiting) sentence.textContent = 'Met by the last sale: ' + sentences[waiting];
    waiting = name;
    select.value = name;
  }

  async function load() {
    const list = await (await fetch('/control/scenarios')).json();
    const groups = {};
    for (const sc of list) {
      sentences[sc.name] = sc.sentence;
      groups[sc.group] ||= Object.assign(document.createElement('optgroup'), { label: sc.group });
      groups[sc.group].append(option(sc.name, title(sc.name)));
    }
    select.replaceChildren(option('', 'Nothing special'), ...Object.values(groups));
    loaded = true;
    show(waiting);
  }

  select.addEventListener('change', async () => {
    const name = select.value;
    picking = true;
    if (!name) {
      waiting = '';
      sentence.textContent = '';
    }
    const res = await fetch('/control/scenario', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name, terminal }),
    });
    picking = false;
    if (res.ok) show((await res.json()).scenario);
  });
  document.addEventListener('terminal', (e) => {
    if (picking) return;
    if (loaded) show(e.detail.scenario);
    else waiting = e.detail.scenario;
  });
  load();
})();
