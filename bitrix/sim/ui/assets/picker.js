// A small in-page picker of colleagues, for selectUser and selectUsers.

export async function pickUsers(multiple) {
  const users = await (await fetch('/portal/users')).json();
  return new Promise((resolve) => show(users, multiple, resolve));
}

function show(users, multiple, resolve) {
  const dialog = document.createElement('dialog');
  dialog.className = 'picker';
  dialog.dataset.test = 'picker';
  dialog.setAttribute('aria-label', multiple ? 'Choose employees' : 'Choose an employee');
  dialog.innerHTML = '<form method="dialog"><h2></h2><ul></ul><div class="picker-actions"></div></form>';
  dialog.querySelector('h2').textContent = multiple ? 'Choose employees' : 'Choose an employee';

  const finish = (picked) => {
    dialog.close();
    dialog.remove();
    resolve(picked);
  };
  for (const user of users) dialog.querySelector('ul').append(row(user, multiple, finish));
  const actions = dialog.querySelector('.picker-actions');
  actions.append(button('Cancel', 'picker-cancel', 'btn', () => finish(null)));
  if (multiple) {
    actions.prepend(button('Choose', 'picker-choose', 'btn primary', () => {
      const ids = [...dialog.querySelectorAll('input:checked')].map((input) => input.value);
      finish(users.filter((user) => ids.includes(user.id)));
    }));
  }
  dialog.addEventListener('cancel', () => finish(null));
  document.body.append(dialog);
  dialog.showModal();
}

function row(user, multiple, finish) {
  const item = document.createElement('li');
  if (!multiple) {
    item.append(button(`${user.name} · ${user.position}`, `picker-user-${user.id}`, 'picker-user', () => finish(user)));
    return item;
  }
  const label = document.createElement('label');
  const box = Object.assign(document.createElement('input'), { type: 'checkbox', value: user.id });
  box.dataset.test = `picker-user-${user.id}`;
  label.append(box, ` ${user.name} · ${user.position}`);
  item.append(label);
  return item;
}

function button(text, test, className, act) {
  const b = Object.assign(document.createElement('button'), { type: 'button', className, textContent: text });
  b.dataset.test = test;
  b.addEventListener('click', act);
  return b;
}
