// What happens to this node, as it happens.

import { $, Problem, element, open, say, sentence } from './parts.js';

const FIRST = 50;
const MOST_LINES = 100;
const AGAIN_MILLIS = 2000;

/** A stream says something more often, if only that it lives. */
const SILENCE_MILLIS = 45000;

/** Of the stream that is open; null while there is none. */
let ending = null;

/** The id of the last event that was seen. */
let last = null;

/** Shows events until somebody wants no more, and goes on where it was interrupted. */
async function follow() {
  const mine = new AbortController();
  ending = mine;
  while (ending === mine) {
    try {
      await stream(mine);
      interrupted('The stream has ended');
    } catch (failure) {
      if (ending !== mine) {
        return;
      }
      if (!(failure instanceof Problem)) {
        console.error(failure);
      }
      interrupted(failure.message);
      if (failure instanceof Problem && failure.facts.status === 410) {
        last = null;
        line('', 'Events in between are lost: the node was started again, or has forgotten them.', 'gap');
      }
    }
    await new Promise(resolve => { setTimeout(resolve, AGAIN_MILLIS); });
  }
}

function interrupted(reason) {
  const after = last === null ? '' : ` It goes on after event ${last}.`;
  say($('events-answer'), 'bad', `Interrupted: ${sentence(reason)} This page goes on asking.${after}`);
}

function stop() {
  if (ending) {
    const mine = ending;
    ending = null;
    mine.abort();
  }
}

async function stream(mine) {
  const connection = new AbortController();
  const give = () => connection.abort();
  mine.signal.addEventListener('abort', give);
  let silence = setTimeout(give, SILENCE_MILLIS);
  try {
    const response = await open('GET', last === null ? `raft/events?last=${FIRST}` : 'raft/events', {
      headers: last === null ? {} : { 'Last-Event-ID': last }, signal: connection.signal,
    });
    say($('events-answer'), 'good', 'Live.');
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      clearTimeout(silence);
      silence = setTimeout(give, SILENCE_MILLIS);
      const events = (text + piece.value).split('\n\n');
      text = events.pop();
      events.forEach(take);
    }
  } catch (failure) {
    throw failure instanceof Problem ? failure : new Problem('this node does not answer');
  } finally {
    clearTimeout(silence);
    give();
    mine.signal.removeEventListener('abort', give);
  }
}

function take(event) {
  const fields = new Map(event.split('\n').map(each => [each.slice(0, each.indexOf(':')), each.slice(each.indexOf(':') + 2)]));
  if (fields.has('id')) {
    last = fields.get('id');
  }
  if (!fields.has('data')) {
    return;
  }
  const data = JSON.parse(fields.get('data'));
  switch (fields.get('event')) {
    case 'gone':
      throw new Problem(data.error, { status: 410 });
    case 'end':
    case 'slow':
      throw new Problem(data.error);
    default:
      line(data.time, words(fields.get('event'), data), fields.get('event'));
  }
}

function words(name, data) {
  switch (name) {
    case 'role':
      return `is ${data.role.toLowerCase()} in term ${data.term}`;
    case 'term':
      return `term ${data.term} begins`;
    case 'leader':
      return data.leader_id ? `${data.leader_id} leads in term ${data.term}` : 'no leader is known';
    case 'vote':
      return vote(data);
    case 'members':
      return `members since entry ${data.index}: ${data.members.map(member =>
        member.node_id + (member.suffrage === 'Learner' ? ' (learner)' : '')).join(', ')}`;
    case 'snapshot':
      return `snapshot ${data.snapshot}, up to entry ${data.index}`;
    case 'commit':
      return `committed up to entry ${data.index}`;
    default:
      return name;
  }
}

function vote({ vote: outcome, candidate, voter, pre_vote: before, term, reason }) {
  const election = before ? `if it would win an election after term ${term}` : `in term ${term}`;
  const answer = { given: 'says yes to', refused: 'says no to', unanswered: 'does not answer' }[outcome];
  return `${answer ? `${voter} ${answer} ${candidate}` : `${candidate} asks ${voter} for its vote`} ${election}${reason ? `: ${reason}` : ''}`;
}

/** The newest first. Commits are many: the last one stands for those before it. */
function line(time, told, kind) {
  const list = $('events');
  const made = element('li', { className: kind === 'gap' ? 'silent' : '' },
    element('time', { dateTime: time }, time ? new Date(time).toLocaleTimeString() : ''), element('span', {}, told));
  made.dataset.kind = kind;
  if (kind === 'commit' && list.firstChild && list.firstChild.dataset.kind === 'commit') {
    list.firstChild.remove();
  }
  list.prepend(made);
  while (list.children.length > MOST_LINES) {
    list.lastChild.remove();
  }
}

$('events-fold').addEventListener('toggle', () => {
  stop();
  if ($('events-fold').open) {
    follow();
  }
});
