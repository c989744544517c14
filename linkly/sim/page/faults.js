// The panel of fault switches, loaded when it is opened.
'use strict';

(() => {
  const panel = document.getElementById('faultpanel');
  const place = document.getElementById('faults');
  const titles = { post: 'Sending a sale', get: 'Asking for its status', callback: 'Callbacks', other: 'Terminal and tokens' };

  async function call(method, path, body) {
    const res = await fetch('/control/faults' + path, {
      method, headers: { 'Content-Type': 'application/json' }, body: body ? JSON.stringify(body) : undefined,
    });
    if (res.ok) draw(await res.json());
  }

  function save() {
    const faults = {};
    for (const input of place.querySelectorAll('input')) {
      const share = Number(input.value) / 100;
      if (share > 0) faults[input.name] = Math.min(1, share);
    }
    call('PUT', '', { faults });
  }

  function row(f) {
    const div = document.createElement('div');
    div.className = 'fault';
    const label = document.createElement('label');
    label.textContent = f.text;
    const input = document.createElement('input');
    Object.assign(input, { type: 'number', min: 0, max: 100, step: 1, name: f.fault, value: Math.round(f.probability * 100) });
    input.dataset.test = 'fault-' + f.fault;
    input.addEventListener('change', save);
    label.append(input);
    const next = document.createElement('button');
    next.className = 'plain small';
    next.textContent = f.next ? 'Next ✓' : 'Next';
    next.dataset.test = 'fault-next-' + f.fault;
    next.setAttribute('aria-label', 'Next: ' + f.text);
    next.addEventListener('click', () => call('POST', '/next', { fault: f.fault, times: 1 }));
    div.append(label, next);
    return div;
  }

  function draw(view) {
    place.replaceChildren(...Object.entries(titles).map(([group, title]) => {
      const set = document.createElement('fieldset');
      const legend = document.createElement('legend');
      legend.textContent = title;
      set.append(legend, ...view.faults.filter((f) => f.group === group).map(row));
      return set;
    }));
  }

  panel.addEventListener('toggle', () => { if (panel.open) call('GET', ''); });
  for (const button of document.querySelectorAll('[data-preset]')) {
    button.addEventListener('click', () => call('PUT', '', { preset: button.dataset.preset }));
  }
})();
