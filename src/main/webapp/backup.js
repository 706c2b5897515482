// Backups are made here, and restored.

import { $, Problem, ask, confirmed, element, keys, link, mayAdminister, open, page, run, say, sayProblem, size, text } from './parts.js';

/** A large store takes long; what stands still for good ends some time all the same. */
const TRANSFER_MILLIS = 3600000;
const FIRST_LINE_BYTES = 65536;
const LAST_LINE_BYTES = 1000;
const TRIES = 4;
const LONGEST_PAUSE_SECONDS = 5;

function prefixed(path, prefix, ...flags) {
  const parameters = new URLSearchParams(prefix ? { prefix } : {});
  return `${path}?${[...flags, parameters.toString()].filter(Boolean).join('&')}`;
}

function which(prefix) {
  return prefix ? `the keys that start with ${prefix}` : 'all keys';
}

// --- backup ---

async function backup(event) {
  event.preventDefault();
  const target = $('backup-answer');
  const prefix = $('backup-prefix').value;
  await run($('backup'), target, 'Reading the store...', async () => {
    const response = await open('GET', prefixed('backup', prefix), { signal: AbortSignal.timeout(TRANSFER_MILLIS) });
    const file = await received(response, bytes => text(target.firstChild, `${size(bytes)} so far...`));
    const end = (await file.slice(-LAST_LINE_BYTES).text()).trimEnd().split('\n').pop();
    if (!/^\{"keys":[0-9]+,"sha256":"[0-9a-f]+"\}$/.test(end)) {
      throw new Problem('The backup is cut short: make it again');
    }
    const name = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') || '');
    // The browser has unpacked what came packed.
    const saved = name ? name[1].replace(/\.gz$/, '') : 'raftkv.jsonl';
    save(file, saved);
    const first = await head(file);
    say(target, 'good', `Saved ${saved}: ${keys(first.keys)} of revision ${first.revision}, ${size(file.size)}.`);
  });
}

/** The body of an answer, which the browser keeps on its disk if it is large. */
async function received(response, tell) {
  let bytes = 0;
  const counted = response.body.pipeThrough(new TransformStream({
    transform(piece, out) {
      bytes += piece.byteLength;
      tell(bytes);
      out.enqueue(piece);
    },
  }));
  try {
    return await new Response(counted).blob();
  } catch (failure) {
    throw new Problem('The backup broke off: nothing was saved');
  }
}

function save(file, name) {
  const url = URL.createObjectURL(file);
  element('a', { href: url, download: name }).click();
  // Once the browser has had the time to begin.
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

/** The first line of a backup, plain or gzip. */
async function head(file) {
  const magic = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const packed = magic[0] === 0x1f && magic[1] === 0x8b;
  const begin = file.slice(0, FIRST_LINE_BYTES).stream();
  const reader = (packed ? begin.pipeThrough(new DecompressionStream('gzip')) : begin)
    .pipeThrough(new TextDecoderStream()).getReader();
  let line = '';
  try {
    for (let piece = await reader.read(); !piece.done && !line.includes('\n') && line.length < FIRST_LINE_BYTES; piece = await reader.read()) {
      line += piece.value;
    }
    const found = JSON.parse(line.split('\n')[0]);
    if (String(found.format).startsWith('raftkv-backup/')) {
      return { ...found, packed };
    }
  } catch (failure) {
    // It is told below.
  } finally {
    reader.cancel().catch(() => {});
  }
  throw new Problem(`The file ${file.name} does not begin as a backup of raftkv does: choose a file that a backup has made`);
}

// --- restore ---

/** What is to be restored, when it is known what that would do. */
let plan = null;
let sending = false;

/** Says what a restore would do, before anything is done. */
async function look() {
  const file = $('restore-file').files[0];
  const target = $('restore-plan');
  plan = null;
  $('restore-go').disabled = true;
  target.hidden = !file;
  if (!file) {
    return;
  }
  try {
    const first = await head(file);
    const prefix = $('restore-prefix').value || first.prefix || '';
    const now = JSON.parse((await ask('GET', prefixed('store', prefix, 'count_only'))).content).data;
    if (file !== $('restore-file').files[0]) {
      return;
    }
    plan = { file, first, prefix, now };
    say(target, '', `${file.name} has ${keys(first.keys)} of revision ${first.revision}${first.prefix
      ? `, those that start with ${first.prefix}` : ''}.`, effect(plan));
    $('restore-go').disabled = false;
  } catch (failure) {
    sayProblem(target, failure);
  }
}

function effect({ prefix, now }) {
  return prefix
    ? `Restoring it replaces ${which(prefix)}, ${now.more ? 'more than ' : ''}${now.count} now, by those of the backup. All other keys stay as they are.`
    : `Restoring it replaces everything: ${now.count === 0 ? 'there are no keys now' : `the ${keys(now.count)} that are there now go`}, and those of `
      + 'the backup take their place.';
}

/** Does what a node may refuse for a moment, in which nothing is changed: a leader that has not heard a member asks it then. */
async function patiently(attempt) {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (failure) {
      const { status, retryAfter } = failure.facts || {};
      if (status !== 503 || !(retryAfter > 0) || tries === TRIES) {
        throw failure;
      }
      await new Promise(done => setTimeout(done, Math.min(retryAfter, LONGEST_PAUSE_SECONDS) * 1000));
    }
  }
}

async function restore(event) {
  event.preventDefault();
  const chosen = plan;
  if (!chosen || !await confirmed(chosen.prefix ? `Replace ${which(chosen.prefix)}?` : 'Replace everything?',
    `${effect(chosen)} It happens at all members at once, or not at all, and cannot be undone: make a backup before.`, 'Restore', 'replace')) {
    return;
  }
  const target = $('restore-answer');
  await run($('restore'), target, 'Sending the backup; it is checked whole before anything changes...', async () => {
    sending = true;
    try {
      // Who may not is told so before a long file is sent.
      if (!await mayAdminister()) {
        throw new Problem('A restore takes the role admin, which you do not have here: ask who runs this node for it');
      }
      const response = await patiently(() => open('POST', prefixed('restore', $('restore-prefix').value, 'replace'), {
        body: chosen.file,
        headers: { 'Content-Type': chosen.first.packed ? 'application/gzip' : 'application/x-ndjson' },
        signal: AbortSignal.timeout(TRANSFER_MILLIS),
      }));
      const { data } = await response.json();
      $('restore').reset();
      look();
      say(target, 'good', `Restored ${keys(data.keys)}: the store is at revision ${data.revision}.`);
    } finally {
      sending = false;
    }
  });
  $('restore-go').disabled = !plan;
}

/** A restore is seen at all members, wherever it was begun; and only the leader takes one. */
export function showRestore(now) {
  const coming = now.restore;
  const bar = $('restore-bar');
  bar.hidden = !coming;
  if (coming) {
    const all = sending && plan && plan.prefix === (plan.first.prefix || '') ? plan.first.keys : 0;
    text($('restore-progress'), `A restore is under way: ${coming.keys}${all ? ` of ${all}` : ''} keys have come, ${size(coming.bytes)}.`);
    if (all) {
      bar.max = all;
      bar.value = coming.keys;
    } else {
      bar.removeAttribute('value');
    }
  }
  $('restore-progress').hidden = !coming;
  const elsewhere = now.leader_id !== now.node_id;
  if ($('restore-elsewhere').dataset.leader !== String(now.leader_id)) {
    $('restore-elsewhere').dataset.leader = String(now.leader_id);
    $('restore-elsewhere').replaceChildren(...(!elsewhere ? [] : now.leader_id
      ? ['Only the leader takes a restore: ', link(now.leader_http_address, `do it at ${now.leader_id}`), '.']
      : ['Only a leader takes a restore, and none is known now.']));
  }
  $('restore-elsewhere').hidden = !elsewhere;
  $('restore-fields').disabled = elsewhere || !page.admin;
}

$('backup').addEventListener('submit', backup);
$('restore').addEventListener('submit', restore);
$('restore-file').addEventListener('change', look);
$('restore-prefix').addEventListener('change', look);
