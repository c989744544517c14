const at = (id) => document.getElementById(id);
const labels = { idle: 'Ready', pay: 'Amount to pay', qr: 'Scan to pay', receipt: 'Approved' };
let last = '';

function show(state) {
  const s = state.screen, text = JSON.stringify(state);
  if (text === last) return;
  last = text;
  at('screen').dataset.step = s.step;
  at('label').textContent = labels[s.step] || s.step;
  at('amount').textContent = s.amount ? 'RM ' + (s.amount / 100).toFixed(2) : '';
  at('qr').hidden = s.step !== 'qr';
  if (s.step === 'qr') at('qr').src = '/device/qr.png?' + encodeURIComponent(s.txnId);
  at('receipt').hidden = s.step !== 'receipt';
  at('receipt').textContent = s.receipt;
  at('text').textContent = s.step === 'idle' ? 'Waiting for the till.' : s.step === 'receipt' ? 'Press NEXT to tell the till.' : s.text;
  at('next').hidden = s.step !== 'receipt';
  at('readerText').textContent = s.step === 'pay' ? 'mPOS · RM ' + (s.amount / 100).toFixed(2) : 'mPOS';
  at('cable').textContent = s.plugged ? 'cable in' : 'cable out';
  at('cable').classList.toggle('out', !s.plugged);
  at('bridge').hidden = !state.bridge;
  if (!at('scenario').options.length) {
    for (const c of state.scenarios) at('scenario').add(new Option(c.says, c.name));
  }
}

async function look() {
  try { show(await (await fetch('/device/state')).json()); } catch { /* it comes back */ }
  setTimeout(look, 250);
}

const post = (path, body) => fetch(path, { method: 'POST', body });
document.addEventListener('click', (e) => { const act = e.target.dataset && e.target.dataset.act; if (act) post('/control/act/' + act); });
at('set').addEventListener('click', async () => {
  const r = await post('/control/scenario/' + at('scenario').value);
  at('scenarioSays').textContent = r.ok ? 'Set for the next payment.' : await r.text();
});
at('bridge').addEventListener('submit', async (e) => {
  e.preventDefault();
  const r = await post('/control/bridge', new URLSearchParams({ code: at('code').value.trim() }));
  at('bridgeSays').textContent = r.ok ? 'Connected.' : await r.text();
});
look();
