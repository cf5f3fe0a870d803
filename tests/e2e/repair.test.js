// Two people who change one thing without seeing one another: staff see both, and put the other one back with one press.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { dashed, openBrowser, signIn } from './lib/browser.js';
import { Desk } from './lib/desk.js';
import { Nodes } from './lib/nodes.js';
import { build, path, until } from './lib/practice.js';

const shots = path.join(build, 'desk');
let nodes, browser, owner, root, office, client;
const ADDRESS = (line1, city) => ({ line1, line2: '', city, state: 'NY', postal_code: '12207', country: 'US' });

before(async () => {
  mkdirSync(shots, { recursive: true });
  nodes = await Nodes.start();
  browser = await openBrowser();
  owner = nodes.accounts.find((a) => a.role === 'Owner');
  client = dashed(nodes.rows('office', 'SELECT lower(hex(id)) AS id FROM client ORDER BY id LIMIT 1')[0].id);
  [root, office] = [new Desk(nodes.ports.root), new Desk(nodes.ports.office)];
  for (const desk of [root, office]) await desk.signIn(owner.username, nodes.password);
});
after(async () => {
  await browser?.close();
  await nodes?.stop();
});

const contact = async (desk) => (await desk.call('GET', `/api/clients/${client}`)).data.client.contact;
async function move(desk, line1, city) {
  const shown = await contact(desk);
  const { status } = await desk.call('PUT', `/api/clients/${client}/contact`, { ...shown, ...ADDRESS(line1, city), shown });
  assert.equal(status, 200);
}

test('the edit that lost is shown with who and when, and taken with one press, everywhere', async (t) => {
  nodes.internet.cut();
  await move(root, '1 Elm Street', 'Albany');
  await move(office, '9 Oak Avenue', 'Boston');
  nodes.internet.restore();
  await until('the office to have both', async () => (await office.call('GET', '/api/review')).data.items.length > 0, 20000, 100);
  const { data } = await office.call('GET', '/api/review');
  const item = data.items.find((x) => x.group === 'address');
  assert.ok(item.can_take && item.lost.who && item.won.who);
  const lost = item.lost.values.city;
  const page = await signIn(browser, nodes.ports.office, owner.username, nodes.password);
  t.after(() => page.context().close());
  await page.waitForSelector('.visit');
  await page.goto(`https://localhost:${nodes.ports.office}/desk#/review`);
  await page.waitForSelector(`[data-review="${item.key}"]`);
  await page.screenshot({ path: path.join(shots, 'review.png') });
  await page.click(`[data-review="${item.key}"] .lost button`);
  await page.waitForSelector(`[data-review="${item.key}"]`, { state: 'detached' });
  assert.equal((await contact(office)).city, lost);
  await until('the central server to have it too', async () => (await contact(root)).city === lost, 20000, 100);
});
