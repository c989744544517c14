// Panels that slide in from the right, one over another, as in Bitrix24. They always live in the outermost portal
// page; a page inside a slider asks the page around it.

const open = [];

function outermost() {
  try {
    if (window.parent !== window && window.parent.portalSliders) return window.parent.portalSliders;
  } catch {
    // The page around us is not the portal.
  }
  return null;
}

// openSlider shows a panel; fill gets the element to fill. Returns { close, content }.
export function openSlider(options) {
  const outer = outermost();
  return outer ? outer.openSlider(options) : build(options);
}

export function closeTop() {
  const outer = outermost();
  if (outer) outer.closeTop();
  else open.at(-1)?.close();
}

function build({ title, width, fill, onClose }) {
  const layer = document.createElement('div');
  layer.className = 'slider';
  layer.dataset.test = 'slider';
  layer.innerHTML = `
    <div class="slider-panel" role="dialog" aria-modal="true">
      <button type="button" class="slider-close" data-test="slider-close" aria-label="Close">
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d="m6.400 5 5.600 5.600L17.600 5 19 6.400 13.400 12l5.600 5.600-1.400 1.400-5.600-5.600L6.400 19 5 17.600l5.600-5.600L5 6.400z"/></svg>
      </button>
      <div class="slider-content"></div>
    </div>`;
  const panel = layer.querySelector('.slider-panel');
  panel.setAttribute('aria-label', title || 'Panel');
  if (width) panel.style.maxWidth = `${width}px`;

  const before = document.activeElement;
  const slider = {
    panel,
    content: layer.querySelector('.slider-content'),
    close() {
      const at = open.indexOf(slider);
      if (at < 0) return;
      open.splice(at, 1);
      layer.remove();
      for (const element of behind) element.inert = false;
      document.body.classList.toggle('has-slider', open.length > 0);
      before?.focus?.();
      onClose?.();
    },
  };
  open.push(slider);
  // What lies behind must not be reached with the Tab key.
  const behind = [...document.body.children].filter((element) => !element.inert);
  for (const element of behind) element.inert = true;
  document.body.append(layer);
  document.body.classList.add('has-slider');
  layer.addEventListener('click', (event) => { if (event.target === layer) slider.close(); });
  layer.querySelector('.slider-close').addEventListener('click', slider.close);
  fill(slider.content, slider);
  layer.querySelector('.slider-close').focus();
  return slider;
}

// openPage shows a page of the portal in a slider.
export function openPage(path, onClose) {
  const url = new URL(path, location.origin);
  url.searchParams.set('IFRAME', 'Y');
  url.searchParams.set('IFRAME_TYPE', 'SIDE_SLIDER');
  return openSlider({
    title: 'Card',
    onClose,
    fill(content, slider) {
      const frame = content.ownerDocument.createElement('iframe');
      frame.className = 'slider-page';
      frame.title = 'Card';
      frame.src = url.pathname + url.search;
      content.append(frame);
      frame.addEventListener('load', () => {
        frame.contentDocument?.addEventListener('keydown', (event) => { if (event.key === 'Escape') slider.close(); });
      });
    },
  });
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') closeTop();
});

window.portalSliders = { openSlider, closeTop };
