// What all parts of the page use: elements, the API, and how it is told what came of something.

const ANSWER_MILLIS = 5000;

/** What the page knows: the latest status of its node, and whether its reader may do what takes the role admin. */
export const page = { now: null, admin: true };

export const $ = id => document.getElementById(id);

// --- elements ---

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Numbers are shown each second: what has not changed is left alone. */
export function text(target, value) {
  const shown = String(value);
  if (target.textContent !== shown) {
    target.textContent = shown;
  }
}

/** An address of another node comes from that node, and is no reason to run what it says. */
export function link(address, label) {
  return /^https?:\/\//i.test(address || '') ? element('a', { href: `${address}/` }, label) : document.createTextNode(label);
}

// --- words ---

export function entries(count) {
  return count === 1 ? '1 entry' : `${count} entries`;
}

export function index(value) {
  return value < 0 ? 'none' : value;
}

export function keys(count) {
  return count === 1 ? '1 key' : `${count} keys`;
}

export function seconds(value) {
  return value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;
}

export function size(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function sentence(words) {
  const whole = words.charAt(0).toUpperCase() + words.slice(1);
  return whole.endsWith('.') ? whole : `${whole}.`;
}

// --- the API ---

/** What went wrong, in words for the reader. */
export class Problem extends Error {
  constructor(words, facts = {}) {
    super(words);
    this.facts = facts;
  }
}

/** The URL of a path. That of the page may have a name and a token in it, with which browsers make no request. */
function withoutCredentials(path) {
  const url = new URL(path, document.baseURI);
  url.username = '';
  url.password = '';
  return url;
}

/**
 * Asks this node, and leaves the body of the answer to the caller. A change, and a read of the leader's state, may need the leader;
 * a browser does not follow a redirect to another node, so the node is told to pass the request on.
 */
export async function open(method, path, { body, headers = {}, signal } = {}) {
  const all = { 'Raft-Follower-Writes': 'forward', ...headers };
  if (body !== undefined && !all['Content-Type']) {
    all['Content-Type'] = 'application/json';
  }
  let response;
  let content = '';
  try {
    response = await fetch(withoutCredentials(path), {
      method, body, headers: all, redirect: 'manual', cache: 'no-store', signal,
    });
    if (!response.ok) {
      content = await response.text();
    }
  } catch (failure) {
    throw silence(method);
  }
  if (!response.ok) {
    throw problem(response, content);
  }
  return response;
}

/** Asks this node, and reads its answer. */
export async function ask(method, path, { limit = ANSWER_MILLIS, ...rest } = {}) {
  const response = await open(method, path, { ...rest, signal: AbortSignal.timeout(limit) });
  try {
    return { response, content: await response.text() };
  } catch (failure) {
    throw silence(method);
  }
}

function silence(method) {
  return new Problem(method === 'GET' || method === 'HEAD'
    ? 'This node does not answer.'
    : 'This node did not answer. The change may have happened or not: look before you make it again.');
}

/** Whether the reader of this page has the role admin, as far as is known: the head of a backup costs nothing, and takes it. */
export async function mayAdminister() {
  try {
    await ask('HEAD', 'backup');
    return true;
  } catch (failure) {
    return failure.facts.status !== 403;
  }
}

function problem(response, content) {
  let told = {};
  try {
    told = JSON.parse(content);
  } catch (failure) {
    // Something between this page and the node answered, in its own words.
  }
  const words = told.detail || told.error
    || (response.type === 'opaqueredirect' ? 'This node does not lead, and only the leader does this' : 'The answer has no explanation');
  return new Problem(words, {
    status: response.status, retryAfter: Number(response.headers.get('Retry-After')), title: told.title || response.statusText, ...told,
  });
}

export function quoted(tag) {
  return tag ? tag.replace(/^W\//, '').replace(/"/g, '') : null;
}

// --- answers ---

export function say(target, kind, words, ...facts) {
  target.className = `answer ${kind}`;
  target.replaceChildren(element('span', {}, words));
  for (const fact of facts.filter(Boolean)) {
    target.append(element('span', { className: 'facts' }, fact));
  }
}

export function sayProblem(target, failure) {
  if (!(failure instanceof Problem)) {
    console.error(failure);
    say(target, 'bad', 'This page made a mistake; the console of the browser has the details.');
    return;
  }
  const { status, title, leader_id: leader } = failure.facts;
  say(target, 'bad', sentence(failure.message), status && `${status} ${title}`);
  if (leader && page.now && page.now.leader_http_address) {
    const place = element('span', { className: 'facts' }, 'Do it at the leader: ');
    place.append(link(page.now.leader_http_address, leader));
    target.append(place);
  }
}

/** Runs an action with its buttons off, and tells what comes of it. */
export async function run(form, target, doing, action) {
  const buttons = [...form.querySelectorAll('button')].filter(button => !button.disabled);
  const focused = document.activeElement;
  buttons.forEach(button => { button.disabled = true; });
  form.setAttribute('aria-busy', 'true');
  say(target, '', doing);
  try {
    await action();
  } catch (failure) {
    sayProblem(target, failure);
  } finally {
    buttons.forEach(button => { button.disabled = false; });
    form.removeAttribute('aria-busy');
    // A button that is off loses the focus, and one of a member that has gone is no more.
    if (document.activeElement === document.body && focused) {
      target.tabIndex = -1;
      (focused.isConnected ? focused : target).focus();
    }
  }
}

/**
 * Resolves to whether the reader agrees.
 *
 * @param word what they have to type first, if anything
 */
export function confirmed(title, explanation, yes, word = '') {
  const dialog = $('confirm');
  const typed = $('confirm-word');
  text($('confirm-title'), title);
  text($('confirm-text'), explanation);
  text($('confirm-yes'), yes);
  text($('confirm-asked'), word);
  $('confirm-typing').hidden = !word;
  typed.value = '';
  const look = () => { $('confirm-yes').disabled = typed.value.trim() !== word; };
  typed.oninput = look;
  look();
  dialog.returnValue = 'no';
  dialog.showModal();
  (word ? typed : $('confirm-no')).focus();
  return new Promise(resolve => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

$('confirm-no').addEventListener('click', () => $('confirm').close('no'));
