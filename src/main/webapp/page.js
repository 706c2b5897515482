'use strict';

// The page of one node. It asks this node only: a browser does not let it ask the others, and they would not agree.

const POLL_MILLIS = 1000;
const ANSWER_MILLIS = 5000;
const CHANGE_MILLIS = 90000;
const PAGE_SIZE = 20;
const SEEN_LINES = 6;
const SILENT_SECONDS = 3;

const $ = id => document.getElementById(id);

const ROLES = {
  Leader: () => 'It takes every write, puts it into the log, sends it to the others, and answers when a majority has it on disk.',
  Follower: now => (now.leader_id
    ? `It copies the log of the leader, ${now.leader_id}. Changes that are made on this page are passed on to the leader.`
    : 'It knows no leader now, so nothing can be written here. Reads show what it has.'),
  Candidate: () => 'It has not heard a leader for a while, and asks the others for their votes. Nothing can be written until one wins.',
  Learner: () => 'It copies the log of the leader, and does not vote yet.',
  Shutdown: () => 'It serves nothing: it was removed from its cluster, is not in one yet, or was stopped by a failure.',
};
const LEVELS = {
  eventual: 'What this node has: at once, perhaps a moment behind the leader.',
  leader: 'What the leader has, by its own clock. A follower asks it.',
  linearizable: 'Surely every write that was acknowledged before: the node first makes sure, with a majority.',
};

// --- small parts ---

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Numbers are shown each second: what has not changed is left alone. */
function text(target, value) {
  const shown = String(value);
  if (target.textContent !== shown) {
    target.textContent = shown;
  }
}

/** An address of another node comes from that node, and is no reason to run what it says. */
function link(address, label) {
  return /^https?:\/\//i.test(address || '') ? element('a', { href: `${address}/` }, label) : document.createTextNode(label);
}

function entries(count) {
  return count === 1 ? '1 entry' : `${count} entries`;
}

function seconds(value) {
  return value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;
}

// --- the API ---

/** What went wrong, in words for the reader. */
class Problem extends Error {
  constructor(sentence, facts = {}) {
    super(sentence);
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
 * Asks this node. A change, and a read of the leader's state, may need the leader; a browser does not follow a redirect to
 * another node, so the node is told to pass the request on.
 */
async function ask(method, path, { body, headers = {}, limit = ANSWER_MILLIS } = {}) {
  const all = { 'Raft-Follower-Writes': 'forward', ...headers };
  if (body !== undefined) {
    all['Content-Type'] = 'application/json';
  }
  let response;
  let content;
  try {
    response = await fetch(withoutCredentials(path), {
      method, body, headers: all, redirect: 'manual', cache: 'no-store', signal: AbortSignal.timeout(limit),
    });
    content = await response.text();
  } catch (failure) {
    throw new Problem(method === 'GET'
      ? 'This node does not answer.'
      : 'This node did not answer. The change may have happened or not: look before you make it again.');
  }
  if (!response.ok) {
    throw problem(response, content);
  }
  return { response, content };
}

function problem(response, content) {
  let told = {};
  try {
    told = JSON.parse(content);
  } catch (failure) {
    // Something between this page and the node answered, in its own words.
  }
  const sentence = told.detail || told.error || 'The answer has no explanation';
  return new Problem(sentence, { status: response.status, title: told.title || response.statusText, ...told });
}

function quoted(tag) {
  return tag ? tag.replace(/^W\//, '').replace(/"/g, '') : null;
}

// --- answers ---

function say(target, kind, sentence, ...facts) {
  target.className = `answer ${kind}`;
  target.replaceChildren(element('span', {}, sentence));
  for (const fact of facts.filter(Boolean)) {
    target.append(element('span', { className: 'facts' }, fact));
  }
}

function sayProblem(target, failure) {
  if (!(failure instanceof Problem)) {
    console.error(failure);
    say(target, 'bad', 'This page made a mistake; the console of the browser has the details.');
    return;
  }
  const { status, title, leader_id: leader } = failure.facts;
  say(target, 'bad', `${failure.message.charAt(0).toUpperCase()}${failure.message.slice(1)}.`.replace(/\.\.$/, '.'),
    status && `${status} ${title}`);
  if (leader && state && state.leader_http_address) {
    const place = element('span', { className: 'facts' }, 'Do it at the leader: ');
    place.append(link(state.leader_http_address, leader));
    target.append(place);
  }
}

/** Runs an action with its buttons off, and tells what comes of it. */
async function run(form, target, doing, action) {
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
    // A button that is off loses the focus.
    if (document.activeElement === document.body && focused) {
      focused.focus();
    }
  }
}

/** Resolves to whether the reader agrees. */
function confirmed(title, explanation, yes) {
  const dialog = $('confirm');
  text($('confirm-title'), title);
  text($('confirm-text'), explanation);
  text($('confirm-yes'), yes);
  dialog.returnValue = 'no';
  dialog.showModal();
  $('confirm-no').focus();
  return new Promise(resolve => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

// --- this node ---

let state = null;
let lags = new Map();
let unready = [];
let misplaced = [];
let timer = null;
let polling = false;

function showNode(now) {
  document.title = `${now.node_id} - ${now.state} - raftkv`;
  text($('node-id'), now.node_id);
  text($('role'), now.state);
  $('role').className = `role ${now.state.toLowerCase()}`;
  text($('role-text'), ROLES[now.state] ? ROLES[now.state](now) : '');
  text($('failure'), now.failure ? `A failure stopped this node: ${now.failure}` : '');
  $('failure').hidden = !now.failure;
  text($('term'), now.term);
  text($('last-log'), index(now.last_log_index));
  text($('commit'), index(now.commit_index));
  text($('applied'), index(now.applied_index));
  const behind = lag(now);
  text($('applied-hint'), behind > 0
    ? `${entries(behind)} behind what is committed.`
    : 'The last entry that reads of this node show.');
  text($('snapshot'), index(now.last_snapshot_index));
  text($('contact'), now.state === 'Leader' ? 'it leads'
    : now.last_contact === null ? 'never' : seconds(now.last_contact / 1000));
}

/** What somebody who is called at night has to see first. */
function showAlerts(now) {
  const members = now.latest_configuration;
  const silent = silentOf(now);
  const lines = [];
  if (!now.failure && now.state !== 'Shutdown' && !now.leader_id) {
    const voters = votersOf(now).length;
    lines.push(`No leader is known here: nothing can be written until ${majority(voters)} of the ${voters} voters are running and `
      + 'reach each other.');
  }
  if (silent.length > 0) {
    lines.push(`${silent.map(member => member.node_id).join(' and ')} ${silent.length === 1 ? 'does' : 'do'} not answer the leader. `
      + loss(votersOf(now).length, silent.filter(member => member.suffrage === 'Voter').length));
  }
  lines.push(...members.filter(member => misplaced.includes(member.node_id)).map(member =>
    `${member.node_id} does not answer at ${member.http_address}, which its cluster knows as its HTTP address: when it leads, clients `
    + 'are sent nowhere. Set its RAFT_HTTP_ADDRESS, or SERVER_PORT, and start it again.'));
  lines.push(...unready.map(sentence));
  const shape = JSON.stringify([lines, members.length]);
  if ($('alerts').dataset.shape !== shape) {
    $('alerts').dataset.shape = shape;
    $('alerts').replaceChildren(...lines.map(line => element('p', { className: 'note bad' }, line)));
  }
}

function votersOf(now) {
  return now.latest_configuration.filter(member => member.suffrage === 'Voter');
}

function majority(voters) {
  return Math.floor(voters / 2) + 1;
}

/** The members that this node, as the leader, has not heard for a while. */
function silentOf(now) {
  return now.state !== 'Leader' ? [] : now.latest_configuration.filter(member => isSilent(lags.get(member.node_id)));
}

function isSilent(known) {
  return known !== undefined && known.contact > SILENT_SECONDS;
}

function loss(voters, silent) {
  const spare = voters - majority(voters) - silent;
  return spare < 0 ? 'No majority is left.' : spare === 0 ? 'None of the others may fail now.'
    : spare === 1 ? 'One of the others may fail.' : `${spare} of the others may fail.`;
}

function index(value) {
  return value < 0 ? 'none' : value;
}

function lag(now) {
  return Math.max(0, now.commit_index - Math.max(0, now.applied_index));
}

function showSeen(before, now) {
  const lines = [];
  if (!before || before.state !== now.state || before.term !== now.term) {
    lines.push(`${now.node_id} is ${now.state.toLowerCase()} in term ${now.term}`);
  }
  if (before && before.leader_id !== now.leader_id) {
    lines.push(now.leader_id ? `${now.leader_id} leads` : 'no leader is known');
  }
  const names = stats => stats.latest_configuration.map(member => member.node_id);
  if (before) {
    names(now).filter(name => !names(before).includes(name)).forEach(name => lines.push(`${name} is a member`));
    names(before).filter(name => !names(now).includes(name)).forEach(name => lines.push(`${name} is no member any more`));
  }
  for (const line of lines) {
    const time = element('time', {}, new Date().toLocaleTimeString());
    $('seen').prepend(element('li', {}, time, element('span', {}, line)));
  }
  while ($('seen').children.length > SEEN_LINES) {
    $('seen').lastChild.remove();
  }
}

// --- members ---

function showMembers(now) {
  const members = now.latest_configuration;
  showQuorum(now, votersOf(now).length);
  const shape = JSON.stringify([members, now.leader_id, now.node_id, now.state]);
  if ($('members').dataset.shape !== shape) {
    $('members').dataset.shape = shape;
    $('members').replaceChildren(...members.map(member => card(member, now)));
    showRemovable(members);
  }
  for (const member of members) {
    const cell = document.querySelector(`[data-lag="${CSS.escape(member.node_id)}"]`);
    const { words, silent } = lagOf(member, now);
    text(cell, words);
    cell.className = silent ? 'silent' : '';
  }
  text($('lag-source'), members.length < 2 ? '' : now.state === 'Leader'
    ? 'As the leader, this node knows how far the others have come.'
    : 'How far the others have come only the leader knows: see its page.');
}

function showQuorum(now, voters) {
  const needed = majority(voters);
  const silent = silentOf(now).filter(member => member.suffrage === 'Voter').length;
  const spare = voters - needed;
  const may = spare === 0 ? 'None of them may fail.' : spare === 1 ? 'One of them may fail.' : `${spare} of them may fail.`;
  // Only the leader knows who runs; the others know how many may fail of a whole cluster.
  const health = silent > 0 ? `${silent} of them ${silent === 1 ? 'is' : 'are'} silent. ${loss(voters, silent)}`
    : now.state === 'Leader' ? may : !now.leader_id ? 'No majority is known to be running.' : `While all run: ${may.charAt(0).toLowerCase()}${may.slice(1)}`;
  text($('quorum'), voters === 0 ? 'This node is in no cluster.' : voters === 1
    ? 'A cluster of one: this node alone decides, and nothing protects it from its loss. Join others below.'
    : `${voters} voters: each write needs ${needed} of them, a majority. ${health}`);
}

function card(member, now) {
  const here = member.node_id === now.node_id;
  const leads = member.node_id === now.leader_id;
  const role = here ? now.state : leads ? 'Leader' : member.suffrage;
  const name = element('p', { className: 'title' },
    element('span', { className: 'name' }, here ? member.node_id : link(member.http_address, member.node_id)),
    element('span', { className: `role ${role.toLowerCase()}` }, role));
  if (here) {
    name.append(element('span', { className: 'quiet' }, 'this page'));
  }
  const facts = element('dl', {},
    element('dt', {}, 'HTTP'), element('dd', {}, member.http_address || 'not known yet'),
    element('dt', {}, 'Raft'), element('dd', {}, member.raft_address),
    element('dt', {}, 'Lag'));
  const cell = element('dd', {});
  cell.dataset.lag = member.node_id;
  facts.append(cell);
  return element('li', { className: here ? 'here' : '' }, name, facts);
}

function lagOf(member, now) {
  if (member.node_id === now.node_id) {
    return { words: lag(now) === 0 ? 'none' : `${entries(lag(now))} to apply` };
  }
  const known = now.state === 'Leader' ? lags.get(member.node_id) : undefined;
  if (!known) {
    return { words: 'not known here' };
  }
  if (isSilent(known)) {
    return { words: `silent for ${seconds(known.contact)}`, silent: true };
  }
  return { words: known.entries === 0 ? 'none' : `${entries(known.entries)} to commit` };
}

/** The leader's metrics tell of its followers. */
function readLags(metrics) {
  const found = new Map();
  const sample = /^raftkv_raft_follower_(lag_entries|last_contact_seconds)\{follower="([^"]*)"\} (\S+)$/gm;
  for (const [, name, follower, value] of metrics.matchAll(sample)) {
    const known = found.get(follower) || { entries: 0, contact: 0 };
    known[name === 'lag_entries' ? 'entries' : 'contact'] = Number(value);
    found.set(follower, known);
  }
  return found;
}

function showRemovable(members) {
  const chosen = $('remove-id').value;
  $('remove-id').replaceChildren(
    element('option', { value: '' }, 'choose'),
    ...members.map(member => element('option', { value: member.node_id }, member.node_id)));
  $('remove-id').value = members.some(member => member.node_id === chosen) ? chosen : '';
}

// --- polling ---

async function poll() {
  clearTimeout(timer);
  if (document.hidden || polling) {
    return;
  }
  polling = true;
  try {
    const { content } = await ask('GET', 'raft/stats');
    const now = JSON.parse(content).data;
    await pollMetrics();
    $('lost').hidden = true;
    showSeen(state, now);
    state = now;
    showNode(now);
    showAlerts(now);
    showMembers(now);
  } catch (failure) {
    const since = state ? ' What is below is how it was before.' : '';
    text($('lost'), `${failure.message}${since} This page goes on asking.`);
    $('lost').hidden = false;
  } finally {
    polling = false;
    timer = setTimeout(poll, POLL_MILLIS);
  }
}

/** The page is of use without them, where somebody keeps metrics to themselves. */
async function pollMetrics() {
  lags = new Map();
  unready = [];
  misplaced = [];
  let metrics;
  try {
    metrics = (await ask('GET', 'metrics')).content;
  } catch (failure) {
    return;
  }
  lags = readLags(metrics);
  misplaced = [...metrics.matchAll(/^raftkv_http_address_wrong\{member="([^"]*)"\} 1$/gm)].map(([, member]) => member);
  if (/^raftkv_ready 0$/m.test(metrics)) {
    unready = await reasons();
  }
}

/** Why this node is not ready; that it knows no leader or has failed is told in other words already. */
async function reasons() {
  try {
    await ask('GET', 'health/ready');
    return [];
  } catch (failure) {
    return failure instanceof Problem
      ? (failure.facts.checks || []).filter(check => !['leader', 'member'].includes(check.check)).map(check => check.reason)
      : [];
  }
}

// --- changes of the members ---

async function join(event) {
  event.preventDefault();
  const form = $('join');
  const target = $('join-answer');
  await run(form, target, 'Joining; it copies what the cluster holds...', async () => {
    const request = { node_id: $('join-id').value.trim(), raft_address: $('join-address').value.trim() };
    if ($('join-discard').checked) {
      request.discard_data = true;
    }
    const { content } = await ask('POST', 'raft/join', { body: JSON.stringify(request), limit: CHANGE_MILLIS });
    const { message, warning } = JSON.parse(content);
    form.reset();
    say(target, 'good', sentence(message), warning && sentence(warning));
    poll();
  });
}

async function remove(event) {
  event.preventDefault();
  const id = $('remove-id').value;
  if (!await confirmed(`Remove ${id}?`, 'It leaves the cluster and serves nothing any more. The others go on without it.', `Remove ${id}`)) {
    return;
  }
  await run($('remove'), $('remove-answer'), 'Removing...', async () => {
    const { content } = await ask('POST', 'raft/remove', { body: JSON.stringify({ node_id: id }), limit: CHANGE_MILLIS });
    say($('remove-answer'), 'good', sentence(JSON.parse(content).message));
    poll();
  });
}

function sentence(words) {
  const whole = words.charAt(0).toUpperCase() + words.slice(1);
  return whole.endsWith('.') ? whole : `${whole}.`;
}

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
  const passedOn = state && node && node !== state.node_id;
  return [`Answered by ${node}${passedOn ? ', the leader; this node passed it on' : ''}`, level && `read: ${level}`,
    revision && `the store is at revision ${revision}`].filter(Boolean).join('; ') + '.';
}

async function readKey() {
  const key = $('key').value.trim();
  const { response, content } = await ask('GET', `${storePath({ key, consistency: $('level').value })}&raw`);
  const revision = quoted(response.headers.get('ETag'));
  const ttl = response.headers.get('Store-TTL');
  $('value').value = content;
  $('ttl').value = '';
  remember(key, revision);
  say($('key-answer'), 'good', `${key} is at revision ${revision}.${ttl ? ` It expires in ${ttl} s.` : ''}`, origin(response));
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
      : `${found.length === 1 ? '1 key' : `${found.length} keys`}${next ? ', and there are more.' : '.'}`);
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
  return element('tr', {}, element('td', {}, open),
    element('td', { className: 'number' }, String(entry.change_revision)),
    element('td', { className: 'number' }, String(entry.version)));
}

// --- all together ---

$('join').addEventListener('submit', join);
$('remove').addEventListener('submit', remove);
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
document.addEventListener('visibilitychange', poll);
text($('level-hint'), LEVELS[$('level').value]);
poll();
list();
