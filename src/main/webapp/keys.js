// One key, and the list of keys.

import { $, ask, confirmed, element, keys, page, quoted, run, say, sayProblem, text } from './parts.js';

const PAGE_SIZE = 20;

const LEVELS = {
  eventual: 'What this node has: at once, perhaps a moment behind the leader.',
  leader: 'What the leader has, by its own clock. A follower asks it.',
  linearizable: 'Surely every write that was acknowledged before: the node first makes sure, with a majority.',
};

// --- one key ---

/** What the form has read or stored last: the condition "unchanged" is about it. */
let known = null;

function remember(key, revision) {
  known = revision ? { key, revision } : null;
  $('unchanged').disabled = !known;
  text($('unchanged'), known ? `only if it is still at revision ${known.revision}` : 'only if unchanged (read it first)');
  if (!known && $('condition').value === 'unchanged') {
    $('condition').value = 'always';
  }
}

function storePath(parameters) {
  return `store?${new URLSearchParams(parameters)}`;
}

/** Who answered, and how far that answer goes. */
function origin(response) {
  const node = response.headers.get('Raft-Node');
  const level = response.headers.get('Raft-Consistency');
  const revision = response.headers.get('Store-Revision');
  const passedOn = page.now && node && node !== page.now.node_id;
  return [`Answered by ${node}${passedOn ? ', the leader; this node passed it on' : ''}`, level && `read: ${level}`,
    revision && `the store is at revision ${revision}`].filter(Boolean).join('; ') + '.';
}

/** What is known of a key beside its bare value; nothing if it is not at that revision any more. */
async function facts(key, revision) {
  try {
    const { response, content } = await ask('GET', storePath({ key, min_revision: revision }));
    return quoted(response.headers.get('ETag')) === revision ? JSON.parse(content).data : {};
  } catch (failure) {
    return {};
  }
}

const NO_JSON = {
  text: 'It is text and no JSON, as a client of Consul has stored it.',
  base64: 'It is bytes and no text, as a client of Consul has stored it: they are shown as base64.',
};

async function readKey() {
  const key = $('key').value.trim();
  const { response, content } = await ask('GET', `${storePath({ key, consistency: $('level').value })}&raw`);
  const revision = quoted(response.headers.get('ETag'));
  const ttl = response.headers.get('Store-TTL');
  const told = await facts(key, revision);
  const isBytes = (response.headers.get('Content-Type') || '').startsWith('application/octet-stream');
  $('value').value = isBytes ? told.value || '' : content;
  $('ttl').value = '';
  remember(key, revision);
  say($('key-answer'), 'good', `${key} is at revision ${revision}.${ttl ? ` It expires in ${ttl} s.` : ''}`,
    NO_JSON[told.content], told.session && `Session ${told.session} has it, with the token ${told.token}.`, origin(response));
}

async function storeKey() {
  const key = $('key').value.trim();
  const ttl = $('ttl').value.trim();
  const headers = {};
  if ($('condition').value === 'absent') {
    headers['If-None-Match'] = '*';
  } else if ($('condition').value === 'unchanged' && known) {
    headers['If-Match'] = `"${known.revision}"`;
  }
  const { response } = await ask('PUT', storePath(ttl ? { key, ttl } : { key }), { body: $('value').value, headers });
  const revision = quoted(response.headers.get('ETag'));
  remember(key, revision);
  say($('key-answer'), 'good', `Stored ${key}: it is at revision ${revision}.`, origin(response));
  list({ min_revision: revision });
}

async function deleteKey() {
  const key = $('key').value.trim();
  const headers = known && known.key === key && $('condition').value === 'unchanged' ? { 'If-Match': `"${known.revision}"` } : {};
  const { response } = await ask('DELETE', storePath({ key }), { headers });
  remember(key, null);
  say($('key-answer'), 'good', `${key} is gone, whether it was there or not.`, origin(response));
  list({ min_revision: response.headers.get('Store-Revision') });
}

async function submitKey(event) {
  event.preventDefault();
  const action = event.submitter ? event.submitter.value : 'read';
  const key = $('key').value.trim();
  if (action === 'delete' && !await confirmed(`Delete ${key}?`, 'It is removed at every member, and cannot be brought back.', 'Delete')) {
    return;
  }
  const doing = { read: 'Reading...', store: 'Storing; a majority has to agree...', delete: 'Deleting...' }[action];
  const done = { read: readKey, store: storeKey, delete: deleteKey }[action];
  await run($('key-form'), $('key-answer'), doing, done);
}

// --- the list ---

let next = null;

async function list(parameters = {}) {
  await showList(new URLSearchParams({ prefix: $('prefix').value, limit: PAGE_SIZE, ...parameters }));
}

async function showList(parameters) {
  try {
    const { response, content } = await ask('GET', `store?${parameters}`);
    const found = JSON.parse(content).data;
    $('list-rows').replaceChildren(...found.map(row));
    $('list-table').hidden = found.length === 0;
    const link = /<\?([^>]*)>;\s*rel="next"/.exec(response.headers.get('Link') || '');
    next = link && link[1];
    $('more').hidden = !next;
    say($('list-answer'), '', found.length === 0 ? 'No such keys here.'
      : `${keys(found.length)}${next ? ', and there are more.' : '.'}`);
  } catch (failure) {
    $('list-table').hidden = true;
    $('more').hidden = true;
    sayProblem($('list-answer'), failure);
  }
}

function row(entry) {
  const open = element('button', { type: 'button', className: 'link', title: `Read ${entry.key}` }, entry.key);
  open.addEventListener('click', () => {
    $('key').value = entry.key;
    run($('key-form'), $('key-answer'), 'Reading...', readKey);
    $('key').focus();
  });
  const marks = [{ text: 'text', base64: 'bytes' }[entry.content], entry.session && 'of a session'].filter(Boolean);
  return element('tr', {}, element('td', {}, open, element('span', { className: 'hint' }, marks.map(mark => ` ${mark}`).join(','))),
    element('td', { className: 'number' }, String(entry.change_revision)),
    element('td', { className: 'number' }, String(entry.version)));
}

// --- all together ---

$('key-form').addEventListener('submit', submitKey);
$('key').addEventListener('input', () => {
  if (known && $('key').value.trim() !== known.key) {
    remember(null, null);
  }
});
$('level').addEventListener('change', () => text($('level-hint'), LEVELS[$('level').value]));
$('list-form').addEventListener('submit', event => {
  event.preventDefault();
  list();
});
$('more').addEventListener('click', () => showList(next));
text($('level-hint'), LEVELS[$('level').value]);
list();
