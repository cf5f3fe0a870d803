// What a stolen tablet would tell: its files, byte for byte, after it was told its scope and people have checked in at it.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import path from 'node:path';
import { Kiosk } from './lib/kiosk.js';
import { Nodes } from './lib/nodes.js';
import { expectedToday, startXvfb } from './lib/day.js';
import { foyerJson, until } from './lib/practice.js';

let nodes, kiosk, xvfb;
before(async () => {
  nodes = await Nodes.start({ clients: 500 });
  xvfb = await startXvfb('1280x800');
  kiosk = await Kiosk.start({ data: nodes.data.lobby, folder: nodes.folder, display: xvfb.display }).connect();
});
after(async () => {
  await kiosk?.stop();
  await xvfb?.stop();
  await nodes?.stop();
});

/** Everything in the folder, and below it, as one buffer. */
function everything(folder) {
  return Buffer.concat(readdirSync(folder).sort().map((name) => {
    const at = path.join(folder, name);
    return statSync(at).isDirectory() ? everything(at) : readFileSync(at);
  }));
}
const ids = (name, table) => nodes.rows(name, `SELECT lower(hex(id)) AS id FROM ${table}`).map(({ id }) => id);

test('no one who is not expected, no password and no other site stands in the tablet’s files', () => {
  const bytes = everything(nodes.data.lobby);
  const here = new Set(ids('lobby', 'client'));
  const others = nodes.rows('office', 'SELECT lower(hex(id)) AS id, phone, email FROM client').filter(({ id }) => !here.has(id));
  assert.ok(here.size > 0 && others.length > 100, `${here.size} here, ${others.length} not`);
  for (const { id, phone, email } of others) {
    assert.ok(!bytes.includes(Buffer.from(id, 'hex')), `client ${id}`);
    const shared = nodes.rows('lobby', `SELECT 1 AS one FROM client WHERE phone = '${phone}' OR email = '${email}'`).length;
    if (phone && !shared) assert.ok(!bytes.includes(phone), phone);
    if (email && !shared) assert.ok(!bytes.includes(email), email);
  }
  const staff = nodes.rows('office', `SELECT username, password_hash AS hash FROM staff WHERE password_hash <> ''`);
  assert.ok(staff.length > 0);
  for (const { username, hash } of staff) assert.ok(!bytes.includes(hash), `the password of ${username}`);
  const site = nodes.rows('lobby', 'SELECT lower(hex(id)) AS id FROM site');
  assert.equal(site.length, 1);
  assert.equal(nodes.rows('lobby', `SELECT count(*) AS n FROM appointment WHERE site <> x'${site[0].id}'`)[0].n, 0);
});

test('of a check-in at the tablet neither answers nor signature stay in its tables once they are above', async () => {
  const [person] = expectedToday(nodes.db('lobby'));
  await kiosk.checkIn(person);
  await nodes.settle();
  const gone = (table, where = '1') => nodes.rows('lobby', `SELECT count(*) AS n FROM ${table} WHERE ${where}`)[0].n === 0;
  await until('the signature to be gone', () => gone('blob') && gone('attachment', 'client IS NOT NULL'));
  assert.ok(gone('questionnaire_response', `body <> ''`) && gone('consent', 'ink IS NOT NULL OR signer_name <> \'\''));
  assert.ok(gone('access') && gone('posting'));
  assert.ok(nodes.rows('root', `SELECT count(*) AS n FROM consent WHERE ink IS NOT NULL`)[0].n > 0);
  const { scoped, sound } = await foyerJson('verify', '--data', nodes.data.lobby);
  assert.ok(scoped && sound);
});
