// Deliberate mistakes, each made in a copy of the tree, which the simulator must find: node tests/sim/mutations.mjs [SECONDS [NAME]]
// Prints a table; ends with 1 when one was not found.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const TREE = process.env.FOYER_MUTATIONS ?? join(ROOT, 'build/mutations');
const SECONDS = process.argv[2] ?? '60';
const ONLY = process.argv[3];

const MUTATIONS = [
  ['a commit is not synced', 'common/store/connect.c', '"PRAGMA synchronous = FULL;"', '"PRAGMA synchronous = OFF;"'],
  ['a key file is not synced', 'common/base/file.c', 'return fsync(fd) == 0 ? ERR_OK : because_errno("fsync", path);', 'return ERR_OK;'],
  ['a folder is not synced after a rename', 'common/base/file.c', 'fsync(folder_fd) != 0 &&', 'false &&'],
  ['a signature is not checked', 'common/store/merge.c', '!sign_verify(author->public_key, bytes, sizeof bytes, head->signature)', 'false'],
  ["the chain's end is not compared", 'common/store/merge.c', '!hash_eq(head->hash, author->last_hash) ||', 'false ||'],
  ['a known entry is taken again', 'common/store/merge.c', 'return author && entry->seq <= author->head.seq;', 'return author && entry->seq < author->head.seq;'],
  ['a fork is not noticed', 'common/store/merge.c', 'return differs(run[i]);', 'break;'],
  ['stamps are compared the other way round', 'common/store/version.h', 'return a.hlc < b.hlc ||', 'return a.hlc > b.hlc ||'],
  ['stamps are compared by the node alone', 'common/store/version.h', 'return a.hlc < b.hlc || (a.hlc == b.hlc && a.node < b.node);', 'return a.node < b.node || (a.node == b.node && a.hlc < b.hlc);'],
  ['stamps follow the clock back', 'common/base/hlc.c', 'if (least > last) return least;', 'if (least != last) return least;'],
  ['a pull cursor is kept before its entries', 'sync/agent/exchange.c', '    TRY(merge_apply_as_is(agent->store, batch', '    TRY(keep_cursor(agent->store, &cursor));\n    TRY(merge_apply_as_is(agent->store, batch'],
  ['a push counts as acknowledged when it is sent', 'sync/agent/exchange.c', 'agent->pushing_count = batch.count;', 'agent->pushing_count = batch.count;\n  TRY(keep_push_pos(agent, batch.next_pos));'],
  ['a batch skips its last entry', 'common/store/journal.c', '  out->next_pos = a->cut_pos;', '  out->next_pos = a->cut_pos + 1;'],
  ['a revoked device is served', 'sync/hub/device.c', 'return revoked ? err_because(', 'return false && revoked ? err_because('],
  ['a token is not compared', 'sync/hub/device.c', 'known = kept.len == HASH_SIZE && crypto_equal(', 'known = kept.len != HASH_SIZE || !crypto_equal('],
  ['a revoked tablet keeps its data', 'sync/agent/wipe.c', '"foyer.db", ', ''],
  ['what was seen is not told', 'common/store/tx.c', 'if (head->hlc > known) list', 'if (head->hlc > known && head->seq > 40) list'],
  ['an epoch is agreed to before the recovery is written down', 'sync/agent/exchange.c', '  /* In this order, as the power', '  TRY(local_set(agent->store, SETTING_EPOCH, str_c(copy)));\n  /* In this order, as the power'],
  ['a restored node writes at once', 'common/store/tx.c', 'if (store->restored)', 'if (false && store->restored)'],
  ['stamps that are ahead are refused for ever', 'sync/hub/push.c', 'bool as_is = (in->flags & MESSAGE_AS_IS) != 0;', 'bool as_is = false;'],
  ['attachments are asked for once', 'sync/agent/agent.c', '== &step_blobs_wanted) agent->up.stale = true;', '== &step_blobs_wanted) agent->up.stale = false;'],
  ['a lost answer counts as success', 'sync/agent/exchange.c', '  TRY(agent_refusal(answer));\n  Err err = message_decode', '  if (answer->err == ERR_NETWORK && kind == MESSAGE_PUSH_ANSWER) {\n    *out = (Message){.kind = kind, .time = env_now(agent->env)};\n    return ERR_OK;\n  }\n  TRY(agent_refusal(answer));\n  Err err = message_decode'],
  ['a refused commit is not rolled back', 'common/store/merge.c', '  if (err == ERR_OK) return store_write_end(store);', '  if (err == ERR_OK || err == ERR_GAP) return store_write_end(store);'],
  ["a node's own deletion is not kept", 'common/store/tx.c', '  TRY(merge_own_delete(store, table->id, id, capture->stamp));\n', ''],
  ["a node's own edit settles nothing", 'common/store/tx.c', 'return merge_own_commit(store, buf_view(&capture->body), capture->stamp);', 'return ERR_OK;'],
  ['the author may be anybody', 'sync/hub/push.c', '    if (!is)\n', '    if (false)\n'],
];

function run(command, args, quiet) {
  return spawnSync(command, args, { cwd: TREE, encoding: 'utf8', stdio: quiet ? 'pipe' : ['ignore', 'ignore', 'inherit'] });
}

function copyTree() {
  const files = execFileSync('git', ['ls-files', 'common', 'sync', 'assets', 'tests/sim', 'Makefile', '.ci'], { cwd: ROOT, encoding: 'utf8' });
  for (const file of files.trim().split('\n')) {
    const to = join(TREE, file);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(ROOT, file), to, { preserveTimestamps: true });
  }
}

const make = ['-s', `-j${availableParallelism()}`, 'BUILD=build/sim', 'WARNINGS=-w', 'build/sim/tests/sim/sim'];
const simulate = () => {
  const began = Date.now();
  const args = ['--seeds', '100000', '--operations', '1000', '--seconds', SECONDS, '--jobs', String(availableParallelism()), '--no-shrink', '--stop'];
  const result = run('build/sim/tests/sim/sim', args, true);
  const rule = /^BROKEN (.*)$/m.exec(result.stderr ?? '')?.[1] ?? (result.status ? `status ${result.status}` : '');
  return { caught: result.status !== 0, rule, seconds: Math.round((Date.now() - began) / 1000) };
};

copyTree();
if (run('make', make).status !== 0) process.exit(2);
let missed = 0, tried = 0;
for (const [name, file, from, to] of MUTATIONS) {
  if (ONLY && !name.includes(ONLY)) continue;
  const path = join(TREE, file), text = readFileSync(path, 'utf8');
  tried++;
  if (!text.includes(from)) {
    console.log(`stale   ${name}: ${file} has changed`);
    missed++;
    continue;
  }
  writeFileSync(path, text.replace(from, () => to));
  const built = run('make', make, true);
  const { caught, rule, seconds } = built.status === 0 ? simulate() : { caught: false, rule: 'it does not compile', seconds: 0 };
  writeFileSync(path, text);
  if (!caught) missed++;
  console.log(`${caught ? 'caught ' : 'MISSED '} ${String(seconds).padStart(4)} s  ${name.padEnd(60)} ${rule}`);
}
run('make', make, true);
console.log(`${tried - missed} of ${tried} were found`);
process.exit(missed ? 1 : 0);
