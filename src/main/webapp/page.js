// The page of one node. It asks this node only: a browser does not let it ask the others, and they would not agree.

import { showRestore } from './backup.js';
import './events.js';
import './inside.js';
import './keys.js';
import { loss, majority, pollMembers, showMembers, silentOf, votersOf } from './members.js';
import { $, Problem, ask, element, entries, index, mayAdminister, page, seconds, sentence, text } from './parts.js';

const POLL_MILLIS = 1000;
const SEEN_LINES = 6;

const ROLES = {
  Leader: () => 'It takes every write, puts it into the log, sends it to the others, and answers when a majority has it on disk.',
  Follower: now => (now.leader_id
    ? `It copies the log of the leader, ${now.leader_id}. Changes that are made on this page are passed on to the leader.`
    : 'It knows no leader now, so nothing can be written here. Reads show what it has.'),
  Candidate: () => 'It has not heard a leader for a while, and asks the others for their votes. Nothing can be written until one wins.',
  Learner: () => 'It copies the log of the leader, and does not vote yet.',
  Shutdown: () => 'It serves nothing: it was removed from its cluster, is not in one yet, or was stopped by a failure.',
};

// --- this node ---

let unready = [];
let misplaced = [];
let metricsRefused = false;
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
  const behind = Math.max(0, now.commit_index - Math.max(0, now.applied_index));
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
    const first = !page.now;
    $('lost').hidden = true;
    showSeen(page.now, now);
    page.now = now;
    showNode(now);
    // Others are asked for these, which takes longer if one is silent.
    await Promise.all([pollMetrics(), pollMembers(), first && learnRole()]);
    showAlerts(now);
    showMembers(now);
    showRestore(now);
  } catch (failure) {
    const since = page.now ? ' What is below is how it was before.' : '';
    text($('lost'), `${failure.message}${since} This page goes on asking.`);
    $('lost').hidden = false;
  } finally {
    polling = false;
    timer = setTimeout(poll, POLL_MILLIS);
  }
}

/** The page is of use without them, where somebody keeps metrics to themselves. */
async function pollMetrics() {
  unready = [];
  misplaced = [];
  if (metricsRefused) {
    return;
  }
  let metrics;
  try {
    metrics = (await ask('GET', 'metrics')).content;
  } catch (failure) {
    // Each refusal is a line in the node's log.
    metricsRefused = failure.facts.status === 403;
    return;
  }
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

/** Who may only look is told so, and shown no button that would be refused. */
async function learnRole() {
  page.admin = await mayAdminister();
  document.querySelectorAll('[data-admin]').forEach(fields => { fields.disabled = !page.admin; });
  document.querySelectorAll('[data-others]').forEach(note => { note.hidden = page.admin; });
}

document.addEventListener('visibilitychange', poll);
poll();
