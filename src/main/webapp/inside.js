// The inside of this node: its snapshot, its log, and what happens to it.

import { $, Problem, ask, element, entries, index, run, say, sayProblem, size } from './parts.js';

const SNAPSHOT_MILLIS = 90000;
const PAGE_SIZE = 20;
const COMMANDS_SHOWN = 5;
const VALUE_SHOWN = 80;

/** An answer ends early when it is long: so many of them make a page at most. */
const ANSWERS = 10;

// --- the snapshot ---

async function snapshot(event) {
  event.preventDefault();
  const target = $('snapshot-answer');
  await run($('snapshot-form'), target, 'Writing it to the disk...', async () => {
    const { content } = await ask('POST', 'raft/snapshot', { limit: SNAPSHOT_MILLIS });
    say(target, 'good', `The snapshot is on the disk: it has all up to entry ${JSON.parse(content).data.index}.`);
    if ($('log-fold').open) {
      newest();
    }
  });
}

// --- the log ---

/** The index of the oldest entry that is shown, and of the first that is there. */
let oldest = 0;
let first = 0;

async function log(parameters) {
  return JSON.parse((await ask('GET', `raft/log?${new URLSearchParams(parameters)}`)).content).data;
}

async function newest() {
  await show(async () => {
    const found = await log({ last: PAGE_SIZE });
    $('log-rows').replaceChildren(...found.entries.map(row));
    return found;
  });
}

async function older() {
  await show(async () => {
    let from = Math.max(first, oldest - PAGE_SIZE);
    const rows = [];
    let found = null;
    for (let i = 0; i < ANSWERS && from < oldest; i++) {
      found = await log({ from, limit: oldest - from });
      rows.push(...found.entries);
      from = found.next_from === undefined ? oldest : found.next_from;
    }
    $('log-rows').append(...rows.reverse().map(row));
    return found;
  });
}

async function show(read) {
  const target = $('log-answer');
  $('log-rows').setAttribute('aria-busy', 'true');
  try {
    first = (await read()).first_index;
    const shown = $('log-rows').children.length;
    $('log-table').hidden = shown === 0;
    oldest = shown === 0 ? 0 : Number($('log-rows').lastChild.dataset.index);
    const more = shown > 0 && oldest > first;
    $('log-older').hidden = !more;
    say(target, '', shown === 0 ? 'The log is empty: a snapshot has taken the place of all.'
      : `${entries(shown)}, the newest first.`, more || first === 0 ? ''
      : `The log begins with entry ${first}; a snapshot has taken the place of those before.`);
  } catch (failure) {
    $('log-older').hidden = $('log-older').hidden || (failure instanceof Problem && failure.facts.status === 410);
    sayProblem(target, failure);
  } finally {
    $('log-rows').removeAttribute('aria-busy');
  }
}

function row(entry) {
  const what = element('td', { className: 'what' }, ...lines(entry).map(line => element('span', {}, line)));
  if (!entry.committed) {
    what.append(element('span', { className: 'silent' }, 'not committed: it may go again'));
  }
  const made = element('tr', {}, element('td', { className: 'number' }, String(entry.index)),
    element('td', { className: 'number' }, String(entry.term)), what,
    element('td', { className: 'number' }, size(entry.bytes)));
  made.dataset.index = entry.index;
  return made;
}

/** What an entry says, a line for each thing. */
function lines(entry) {
  if (entry.kind === 'metadata') {
    return [`committed up to entry ${index(entry.commit_index)}`];
  }
  if (entry.kind === 'configuration') {
    return [`members: ${names(entry.members)}${entry.members_before ? `; before: ${names(entry.members_before)}` : ''}`];
  }
  const shown = entry.commands.slice(0, COMMANDS_SHOWN).map(command);
  const rest = entry.commands.length - shown.length + (entry.commands_omitted || 0);
  return rest > 0 ? [...shown, `and ${rest} more`] : shown;
}

function names(members) {
  return members.map(member => member.node_id + (member.suffrage === 'Learner' ? ' (learner)' : '')).join(', ');
}

function command(told) {
  const conditions = [told.if_match && `if ${told.if_match === '*' ? 'there' : `at revision ${told.if_match.join(' or ')}`}`,
    told.if_none_match && `if not ${told.if_none_match === '*' ? 'there' : `at revision ${told.if_none_match.join(' or ')}`}`];
  return [what(told), ...conditions].filter(Boolean).join(', ');
}

function what(told) {
  switch (told.op) {
    case 'put':
      return `put ${told.key} = ${value(told)}${told.ttl_ms ? ` for ${told.ttl_ms / 1000} s` : ''}${told.session ? `, of session ${told.session}` : ''}${told.release ? `, let go by session ${told.release}` : ''}`;
    case 'delete':
      return `delete ${told.key}${told.session ? `, of session ${told.session}` : ''}`;
    case 'delete_range':
      return `delete all that start with ${told.prefix}`;
    case 'txn':
      return `transaction: ${told.if.length} compared, then ${operations(told.then)}, else ${operations(told.else)}`;
    case 'announce':
      return `${told.node_id} answers HTTP at ${told.http_address}`;
    case 'slot':
      return `one of ${told.slots} slots ${told.prefix} = ${value(told)}, of session ${told.session}`;
    case 'settings':
      return `settings: ${told.history_changes} changes, ${told.history_bytes} bytes are kept for watchers`
        + (told.history_prev ? ', with what keys were before' : '');
    case 'consul_open':
      return 'begins with what Consul\'s interface writes';
    case 'consul_put':
      return `put ${told.key} = ${value(told)}`;
    case 'consul_delete':
      return `delete ${told.key}`;
    case 'consul_txn':
      return `transaction: ${operations(told.operations)}`;
    case 'session_create':
      return `session ${told.session} begins`;
    case 'session_end':
      return `sessions end: ${told.sessions.join(', ')}`;
    case 'restore_begin':
      return `restore begins, ${told.prefix ? `keys that start with ${told.prefix}` : 'all keys'}`;
    case 'restore_keys':
      return `restore brings ${told.keys} keys`;
    case 'restore_switch':
      return `restore ends, ${told.keys} keys take their place`;
    case 'restore_abort':
      return 'restore is given up';
    default:
      return told.op;
  }
}

function operations(all) {
  return all.length === 0 ? 'nothing' : all.map(each => `${each.op} ${each.key || each.prefix}`).join(', ');
}

function value(told) {
  const whole = told.value_begins === undefined ? JSON.stringify(told.value) : told.value_begins;
  return whole.length > VALUE_SHOWN || told.value_begins !== undefined
    ? `${whole.slice(0, VALUE_SHOWN)}... (${size(told.value_bytes)})` : whole;
}

$('snapshot-form').addEventListener('submit', snapshot);
$('log-fold').addEventListener('toggle', () => { if ($('log-fold').open) { newest(); } });
$('log-newest').addEventListener('click', newest);
$('log-older').addEventListener('click', older);
