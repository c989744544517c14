// The portal's own behaviour: tabs, menus, sliders, the user switch, live parts.

import { post, refresh, watch } from './api.js';
import { loadFrame, openInSlider } from './frames.js';
import { openPage } from './slider.js';
import { parseMessage } from './wire.js';

// For tests of the wire format.
window.portalParse = parseMessage;

function selectTab(tab) {
  for (const other of document.querySelectorAll('[role=tab]')) {
    const chosen = other === tab;
    other.setAttribute('aria-selected', String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    document.getElementById(other.getAttribute('aria-controls')).hidden = !chosen;
  }
  const panel = document.getElementById(tab.getAttribute('aria-controls'));
  if (tab.dataset.placement && !panel.firstChild) {
    loadFrame(panel, frameRequest(tab), 'tab');
  }
}

function frameRequest(control) {
  return {
    placement: control.dataset.placement || control.dataset.openSlider,
    index: Number(control.dataset.index),
    entity: Number(control.dataset.entity),
  };
}

function moveTab(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const tab = event.target.closest('[role=tab]');
  if (!step || !tab) return;
  const tabs = [...document.querySelectorAll('[role=tab]')];
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
  next.focus();
  selectTab(next);
}

async function moveStage(button) {
  const bar = button.closest('.stages');
  try {
    await post('/portal/stage', { type: Number(bar.dataset.type), id: Number(bar.dataset.id), stage: button.dataset.move });
    await refresh();
  } catch (error) {
    window.alert(error.message);
  }
}

async function rename(button) {
  const title = window.prompt('Name', button.textContent);
  if (!title) return;
  await post('/portal/rename', { type: Number(button.dataset.type), id: Number(button.dataset.rename), title });
  await refresh();
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll('details[open]')) {
    if (!menu.contains(except)) menu.open = false;
  }
}

async function click(event) {
  const on = (selector) => event.target.closest(selector);
  closeMenus(event.target);
  if (on('[role=tab]')) selectTab(on('[role=tab]'));
  if (on('[data-move]')) await moveStage(on('[data-move]'));
  if (on('[data-rename]')) await rename(on('[data-rename]'));
  if (on('[data-install]')) openInSlider({ placement: 'DEFAULT', install: true }, { title: 'Installation', onClose: refresh });
  if (on('[data-uninstall]') && window.confirm('Remove Receive Payment from this portal?')) {
    await post('/portal/uninstall', { clean: false });
    await refresh();
  }
  if (on('[data-open-slider]')) {
    closeMenus(null);
    openInSlider(frameRequest(on('[data-open-slider]')), { title: on('[data-open-slider]').textContent, onClose: refresh });
  }
  if (on('[data-open-app]')) {
    const button = on('[data-open-app]');
    openInSlider({ placement: 'DEFAULT', options: JSON.parse(button.dataset.openApp) },
      { title: button.dataset.title, width: Number(button.dataset.width), onClose: refresh });
  }
  if (on('a[data-slide]') && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    openPage(on('a[data-slide]').getAttribute('href'), refresh);
  }
}

document.addEventListener('click', click);
document.addEventListener('keydown', (event) => {
  moveTab(event);
  if (event.key === 'Escape') closeMenus(null);
});

document.getElementById('user-switch')?.addEventListener('change', async (event) => {
  await post('/portal/user', { id: Number(event.target.value) });
  location.reload();
});

const appPage = document.querySelector('[data-app-page]');
if (appPage) {
  loadFrame(appPage, {
    placement: appPage.dataset.placement,
    options: JSON.parse(appPage.dataset.options || '{}'),
    install: 'installing' in appPage.dataset,
  }, 'page');
}

// A link may name the tab to open: /crm/deal/details/512/?tab=app-0
const wanted = new URLSearchParams(location.search).get('tab');
const tab = wanted && document.querySelector(`[data-tab="${CSS.escape(wanted)}"]`);
if (tab) selectTab(tab);

// On a narrow screen the bar of stages scrolls; show where the card stands.
const step = document.querySelector('.stages [aria-current]');
if (step) step.closest('.stages').scrollLeft = step.offsetLeft - 40;

watch();
