// The members: how far each is, who does not answer, and what an administrator does with them.

import { $, Problem, ask, confirmed, element, entries, index, link, page, run, say, sayProblem, seconds, sentence, text } from './parts.js';

const CHANGE_MILLIS = 90000;
const SILENT_SECONDS = 3;

/** A node that is busy may miss the half second that it has: it is called silent when it does so twice. */
const MISSES = 2;

/** What the leader sees of each member, by its id; empty where no leader could be asked. */
let seen = new Map();

/** What each member says of itself, or why it says nothing. */
let said = new Map();

/** Nodes that copy what the cluster holds, and are no members yet. */
let joining = [];

const missed = new Map();

/** Asks how far the members are. Where somebody keeps that to themselves the page is of use without. */
export async function pollMembers() {
  const [listed, pictured] = await Promise.all(['raft/members', 'raft/cluster'].map(members));
  seen = new Map(listed.filter(member => typeof member.match_index === 'number').map(member => [member.node_id, {
    match: member.match_index, entries: member.lag_entries, contact: member.last_contact_ms / 1000,
  }]));
  joining = listed.filter(member => member.joining);
  said = new Map(pictured.map(member => [member.node_id, member]));
  for (const member of pictured) {
    missed.set(member.node_id, member.answered ? 0 : (missed.get(member.node_id) || 0) + 1);
  }
}

async function members(path) {
  try {
    return JSON.parse((await ask('GET', path)).content).data.members;
  } catch (failure) {
    return [];
  }
}

// --- the majority ---

export function votersOf(now) {
  return now.latest_configuration.filter(member => member.suffrage === 'Voter');
}

export function majority(voters) {
  return Math.floor(voters / 2) + 1;
}

/** The members that the leader has not heard for a while. */
export function silentOf(now) {
  return now.latest_configuration.filter(member => isSilent(seen.get(member.node_id)));
}

function isSilent(sight) {
  return sight !== undefined && sight.contact > SILENT_SECONDS;
}

export function loss(voters, silent) {
  const spare = voters - majority(voters) - silent;
  return spare < 0 ? 'No majority is left.' : spare === 0 ? 'None of the others may fail now.'
    : spare === 1 ? 'One of the others may fail.' : `${spare} of the others may fail.`;
}

function mayFail(voters) {
  const spare = voters - majority(voters);
  return spare === 0 ? 'None of them may fail.' : spare === 1 ? 'One of them may fail.' : `${spare} of them may fail.`;
}

/** What a change of the members means. */
function thenVoters(count) {
  return count === 1 ? 'One voter is left then, and decides alone.'
    : `The cluster has ${count} voters then, and each write needs ${majority(count)} of them. ${mayFail(count)}`;
}

function showQuorum(now, voters) {
  const silent = silentOf(now).filter(member => member.suffrage === 'Voter').length;
  const may = mayFail(voters);
  // Only the leader knows who runs; without one it is known how many may fail of a whole cluster.
  const health = silent > 0 ? `${silent} of them ${silent === 1 ? 'is' : 'are'} silent. ${loss(voters, silent)}`
    : !now.leader_id ? 'No majority is known to be running.'
      : seen.size > 0 ? may : `While all run: ${may.charAt(0).toLowerCase()}${may.slice(1)}`;
  text($('quorum'), voters === 0 ? 'This node is in no cluster.' : voters === 1
    ? 'A cluster of one: this node alone decides, and nothing protects it from its loss. Join others below.'
    : `${voters} voters: each write needs ${majority(voters)} of them, a majority. ${health}`);
}

// --- cards ---

let introduced = false;

export function showMembers(now) {
  const all = [...now.latest_configuration,
    ...joining.filter(each => now.latest_configuration.every(member => member.node_id !== each.node_id))];
  showQuorum(now, votersOf(now).length);
  if (!introduced) {
    introduced = true;
    $('join-fold').open = now.latest_configuration.length === 1;
  }
  const shape = JSON.stringify([all.map(member => [member.node_id, member.http_address, member.raft_address, member.suffrage,
    stateOf(member, now)]), now.node_id, now.leader_id, page.admin]);
  if ($('members').dataset.shape !== shape) {
    $('members').dataset.shape = shape;
    replaceCards(all.map(member => card(member, now)));
  }
  for (const member of all) {
    showFigures($('members').querySelector(`[data-member="${CSS.escape(member.node_id)}"]`), member, now);
  }
  text($('lag-source'), seen.size > 0 || all.length < 2 ? '' : 'How far the others have come only a leader knows, and none was asked.');
}

/** The focus stays on its button. */
function replaceCards(cards) {
  const focused = document.activeElement.closest('#members [data-action]');
  const owner = focused && focused.closest('[data-member]').dataset.member;
  $('members').replaceChildren(...cards);
  if (focused) {
    const same = $('members').querySelector(`[data-member="${CSS.escape(owner)}"] [data-action="${focused.dataset.action}"]`);
    (same || $('members-title')).focus();
  }
}

function isLost(member) {
  return (missed.get(member.node_id) || 0) >= MISSES;
}

function stateOf(member, now) {
  if (member.node_id === now.node_id) {
    return now.state;
  }
  if (member.joining) {
    return 'Joining';
  }
  if (isLost(member)) {
    return 'No answer';
  }
  const own = said.get(member.node_id);
  return own && own.answered ? own.state : member.node_id === now.leader_id ? 'Leader' : member.suffrage;
}

function card(member, now) {
  const here = member.node_id === now.node_id;
  const state = stateOf(member, now);
  const name = element('p', { className: 'title' },
    element('span', { className: 'name' }, here ? member.node_id : link(member.http_address, member.node_id)),
    element('span', { className: `role ${state.toLowerCase().replace(' ', '-')}` }, state));
  if (here) {
    name.append(element('span', { className: 'quiet' }, 'this page'));
  }
  const reach = element('progress', { className: 'reach' });
  reach.setAttribute('aria-label', `Log of ${member.node_id}`);
  const facts = element('dl', {},
    ...fact('Vote', member.joining ? 'not yet: it copies the log first' : member.suffrage === 'Voter' ? 'yes, a voter' : 'none, a learner'),
    ...fact('Log', element('span', { className: 'reached' }), reach),
    ...fact('Lag', ''),
    ...fact('HTTP', member.http_address || 'not known yet'),
    ...fact('Raft', member.raft_address));
  facts.children[5].dataset.lag = member.node_id;
  const made = element('li', { className: here ? 'here' : '' }, name, facts, element('p', { className: 'reason', hidden: true }));
  made.dataset.member = member.node_id;
  if (page.admin && !member.joining && now.latest_configuration.length > 1) {
    made.append(actions(member, now));
  }
  return made;
}

function fact(name, ...values) {
  return [element('dt', {}, name), element('dd', {}, ...values)];
}

function actions(member, now) {
  const made = element('div', { className: 'buttons' });
  const add = (action, label) => {
    const button = element('button', { type: 'button', className: 'small-button' }, label);
    button.dataset.action = action;
    button.setAttribute('aria-label', `${label} (${member.node_id})`);
    made.append(button);
  };
  if (member.suffrage !== 'Voter') {
    add('promote', 'Make it a voter...');
  } else if (member.node_id !== now.leader_id && !isLost(member)) {
    add('lead', 'Let it lead...');
  }
  if (member.suffrage !== 'Voter' || votersOf(now).length > 1) {
    add('remove', 'Remove...');
  }
  return made;
}

/** What changes every second. */
function showFigures(shown, member, now) {
  const here = member.node_id === now.node_id;
  const sight = seen.get(member.node_id);
  const own = said.get(member.node_id);
  const reached = here ? now.last_log_index : sight ? sight.match : own && own.answered ? own.last_log_index : null;
  const leader = seen.get(now.leader_id);
  const last = Math.max(reached, leader ? leader.match : now.leader_id === now.node_id ? now.last_log_index : 0);
  const bar = shown.querySelector('progress');
  bar.hidden = reached === null;
  text(shown.querySelector('.reached'), reached === null ? 'not known' : leader ? `${index(reached)} of ${index(last)}` : index(reached));
  if (reached !== null) {
    // The first entry has the index 0.
    bar.max = last + 1;
    bar.value = reached + 1;
  }
  const { words, silent } = lagOf(sight, here, now);
  const cell = shown.querySelector('[data-lag]');
  text(cell, words);
  cell.className = silent ? 'silent' : '';
  const reason = shown.querySelector('.reason');
  reason.hidden = here || !isLost(member);
  text(reason, reason.hidden || !own ? '' : own.reason || '');
}

function lagOf(sight, here, now) {
  if (here && now.leader_id === now.node_id) {
    const behind = Math.max(0, now.commit_index - Math.max(0, now.applied_index));
    return { words: behind === 0 ? 'none' : `${entries(behind)} to apply` };
  }
  if (!sight) {
    return { words: 'not known' };
  }
  if (isSilent(sight)) {
    return { words: `silent for ${seconds(sight.contact)}`, silent: true };
  }
  return { words: sight.entries === 0 ? 'none' : entries(sight.entries) };
}

// --- changes ---

async function change(path, request) {
  const { content } = await ask('POST', path, { body: JSON.stringify(request), limit: CHANGE_MILLIS });
  return JSON.parse(content);
}

/** A join that would make the majority hang on the new voter is refused, and the refusal names the way to have it all the same. */
async function takeIn(form, target, request, doing, done) {
  await run(form, target, doing, async () => {
    try {
      const { message, warning } = await change('raft/join', request);
      done();
      say(target, 'good', sentence(message), warning && sentence(warning));
    } catch (failure) {
      sayProblem(target, failure);
      if (failure instanceof Problem && failure.facts.status === 409 && failure.message.includes('"force"')) {
        target.append(forcing(form, target, request, doing, done));
      }
    }
  });
}

function forcing(form, target, request, doing, done) {
  const button = element('button', { type: 'button', className: 'small-button' }, 'Do it all the same...');
  button.dataset.action = 'force';
  button.addEventListener('click', async () => {
    if (await confirmed(`Have ${request.node_id} as a voter all the same?`, 'Until the silent members are back, or removed, the cluster '
      + `takes writes only while ${request.node_id} runs. If that fails now, nothing can be written, and nobody can be removed.`, 'Use force')) {
      takeIn(form, target, { ...request, force: true }, doing, done);
    }
  });
  return button;
}

async function join(event) {
  event.preventDefault();
  const request = {
    node_id: $('join-id').value.trim(), raft_address: $('join-address').value.trim(), suffrage: $('join-suffrage').value,
  };
  const discards = $('join-discard').checked;
  if (discards) {
    request.discard_data = true;
  }
  const learner = request.suffrage === 'learner';
  const means = learner ? 'It copies everything and has no vote, so writes do not wait for it.'
    : page.now ? thenVoters(votersOf(page.now).length + 1) : '';
  if (await confirmed(`Join ${request.node_id} as a ${request.suffrage}?`, `It gives up its own cluster of one${discards
    ? ', and keys that it holds go to its archive' : ''}. ${means}`, `Join ${request.node_id}`)) {
    await takeIn($('join'), $('join-answer'), request, 'Joining; it copies what the cluster holds...', () => $('join').reset());
  }
}

const ACTIONS = {
  async remove(member, target) {
    const left = votersOf(page.now).length - (member.suffrage === 'Voter' ? 1 : 0);
    const leads = member.node_id === page.now.leader_id ? 'It hands its leadership over first. ' : '';
    if (await confirmed(`Remove ${member.node_id}?`, `It leaves the cluster and serves nothing any more. ${leads}${thenVoters(left)}`,
      `Remove ${member.node_id}`)) {
      await run($('members'), target, 'Removing...', async () => {
        say(target, 'good', sentence((await change('raft/remove', { node_id: member.node_id })).message));
      });
    }
  },

  async lead(member, target) {
    if (await confirmed(`Let ${member.node_id} lead?`, 'No writes are taken for a moment, until it does. If it cannot, the cluster keeps '
      + 'its leader.', `Let ${member.node_id} lead`)) {
      await run($('members'), target, 'Handing over...', async () => {
        say(target, 'good', sentence((await change('raft/transfer', { node_id: member.node_id })).message));
      });
    }
  },

  async promote(member, target) {
    if (await confirmed(`Make ${member.node_id} a voter?`, `It counts when it has caught up. ${thenVoters(votersOf(page.now).length + 1)}`,
      'Make it a voter')) {
      const request = { node_id: member.node_id, raft_address: member.raft_address, suffrage: 'voter' };
      await takeIn($('members'), target, request, 'Waiting until it has caught up...', () => {});
    }
  },
};

$('join').addEventListener('submit', join);
$('members').addEventListener('click', event => {
  const button = event.target.closest('[data-action]');
  if (button && !$('members').hasAttribute('aria-busy')) {
    const id = button.closest('[data-member]').dataset.member;
    const member = page.now.latest_configuration.find(each => each.node_id === id);
    if (member) {
      ACTIONS[button.dataset.action](member, $('members-answer'));
    }
  }
});
