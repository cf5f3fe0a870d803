// The main job, with real processes: a person checks in while the internet is cut; the desk sees it at once; the root has it when the link returns.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Kiosk } from './lib/kiosk.js';
import { Nodes, shared } from './lib/nodes.js';
import { expectedToday, startXvfb } from './lib/day.js';
import { dashed, openBrowser, signIn } from './lib/browser.js';
import { existsSync, foyer, path, readdir, until } from './lib/practice.js';

let nodes, kiosk, xvfb, browser;

before(async () => {
  nodes = await Nodes.start();
  xvfb = await startXvfb('1280x800');
  kiosk = await Kiosk.start({ data: nodes.data.lobby, folder: nodes.folder, display: xvfb.display }).connect();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await kiosk?.stop();
  await xvfb?.stop();
  await nodes?.stop();
});

test('an arrival with the internet cut shows on the desk board within a second, without reload, and reaches the root when the link returns', async (t) => {
  const [person] = expectedToday(nodes.db('lobby'));
  assert.ok(person, 'someone is expected today');
  const row = `[data-visit="${dashed(person.appointment)}"]`;
  nodes.internet.cut();
  const desk = await signIn(browser, nodes.ports.office, nodes.accounts[0].username, nodes.password);
  await desk.waitForSelector(`${row}.booked`);
  let loads = 0;
  desk.on('load', () => loads++);
  const shown = desk.waitForSelector(`${row}.arrived`, { timeout: 30000 }).then(() => Date.now());
  const places = await kiosk.checkIn(person);
  const done = Date.now();
  t.diagnostic(`screens: ${places.join(' > ')}`);
  const late = (await shown) - done;
  t.diagnostic(`the desk showed it ${late} ms after the kiosk's last screen was there`);
  assert.ok(late < 1000, `${late} ms`);
  assert.equal(loads, 0, 'the page was not loaded again');
  assert.equal(nodes.rows('root', `SELECT status FROM appointment WHERE id = x'${person.appointment}'`)[0].status, 'booked', 'the root has nothing');
  const status = await nodes.status('office');
  assert.ok(status.waiting.transactions > 0, 'what waits is counted');
  await desk.waitForFunction(() => /wait/i.test(document.body.innerText), null, { timeout: 15000 });

  nodes.internet.restore();
  await nodes.settle();
  assert.equal(nodes.rows('root', `SELECT status FROM appointment WHERE id = x'${person.appointment}'`)[0].status, 'arrived');
  await nodes.verify();
});

test('signed consents and answers are at the root with their ink', async () => {
  const consents = nodes.rows('root', `SELECT decision, method, lower(hex(ink)) AS ink FROM consent WHERE decided_at > (SELECT max(enrolled_at) FROM node)`);
  assert.ok(consents.length > 0, 'the check-in signed something');
  await until('the ink at the root', () => consents.every(({ ink }) => nodes.rows('root', `SELECT 1 AS here FROM blob WHERE hash = x'${ink}'`).length === 1));
});

test('importing the real bundles again at the office changes nothing', { skip: !existsSync(shared) }, async () => {
  const bundles = (await readdir(path.join(shared, 'fhir'))).filter((name) => name.endsWith('.json') && name !== 'LICENSE');
  const files = bundles.map((name) => path.join(shared, 'fhir', name));
  await foyer('import', 'fhir', ...files, '--data', nodes.data.office);
  const before = await nodes.digest('office');
  await foyer('import', 'fhir', ...files, '--data', nodes.data.office);
  assert.equal(await nodes.digest('office'), before);
  assert.equal(nodes.rows('office', 'SELECT count(*) AS n FROM client')[0].n >= 24, true);
});

test('the same person at the kiosk again is told that they are here already', async () => {
  const [arrived] = nodes.rows('lobby', `SELECT c.given, c.family, c.birth_date AS birthDate FROM appointment a JOIN client c ON c.id = a.client
    WHERE a.status = 'arrived' AND a.site = (SELECT site FROM node WHERE kind = 'lobby') ORDER BY a.arrived_at DESC LIMIT 1`);
  await until('the welcome screen', async () => {
    const { place } = await kiosk.page();
    if (place === 'done') await kiosk.tap('#done.primary');
    return place === 'welcome';
  });
  const places = await kiosk.checkIn(arrived);
  assert.equal(places.at(-1), 'here');
});
