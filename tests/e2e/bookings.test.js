// Bookings across real daemons: made at the central server while the office, which is the home of the calendars, is there and is not.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { dashed, openBrowser, signIn } from './lib/browser.js';
import { Desk } from './lib/desk.js';
import { Nodes } from './lib/nodes.js';
import { build, path, until } from './lib/practice.js';

const shots = path.join(build, 'desk');
const DAY = '2031-05-06';
let nodes, browser, owner, root, office, ask;

const certainty = async (desk, id) => {
  const { data } = await desk.call('GET', `/api/board?site=${ask.site}&day=${DAY}`);
  return data.board.appointments.find((x) => x.id === id)?.certainty;
};
const becomes = (desk, id, what) => until(`the visit to be ${what}`, async () => (await certainty(desk, id)) === what, 20000, 50);
const book = async (desk, time, more) => desk.call('POST', '/api/appointments', { ...ask, start: `${DAY}T${time}`, ...more });

before(async () => {
  mkdirSync(shots, { recursive: true });
  nodes = await Nodes.start();
  browser = await openBrowser();
  owner = nodes.accounts.find((a) => a.role === 'Owner');
  const [row] = nodes.rows('office', `SELECT lower(hex(s.site)) AS site, lower(hex(s.provider)) AS provider, (SELECT lower(hex(id)) FROM client
    ORDER BY id LIMIT 1) AS client, (SELECT lower(hex(id)) FROM appointment_type WHERE walk_in = 0 ORDER BY id LIMIT 1) AS type
    FROM provider_site s JOIN calendar_lease l ON l.calendar = s.provider JOIN node n ON n.number = l.holder
    WHERE n.kind = 'office' AND n.site = s.site LIMIT 1`);
  assert.ok(row, 'the office got calendars of its site when it was enrolled');
  ask = { ...Object.fromEntries(Object.entries(row).map(([name, hex]) => [name, dashed(hex)])), minutes: 30 };
  [root, office] = [new Desk(nodes.ports.root), new Desk(nodes.ports.office)];
  for (const desk of [root, office]) await desk.signIn(owner.username, nodes.password);
});
after(async () => {
  await browser?.close();
  await nodes?.stop();
});

describe('bookings', () => {
  test('at the office it is firm at once, and a second one is told that the time is taken', async () => {
    const { status, data } = await book(office, '09:00');
    assert.equal(status, 201);
    assert.equal(data.appointment.certainty, 'firm');
    const second = await book(office, '09:15');
    assert.equal(second.status, 400);
    assert.equal(second.data.faults[0].key, 'fault.taken');
    const twins = await book(office, '09:15', { double_reason: 'twins' });
    assert.equal(twins.data.appointment.certainty, 'firm');
  });

  test('elsewhere it is provisional until the office has ruled', async () => {
    const { data } = await book(root, '10:00');
    assert.equal(data.appointment.certainty, 'provisional');
    await becomes(root, data.appointment.id, 'firm');
  });

  test('of two that did not see one another one is firm, the other is offered times and takes one', async (t) => {
    await nodes.internet.cut();
    const lost = (await book(root, '11:00')).data.appointment.id, firm = (await book(office, '11:00')).data.appointment.id;
    assert.equal(await certainty(office, firm), 'firm');
    assert.equal(await certainty(root, lost), 'provisional');
    await nodes.internet.restore();
    await becomes(root, lost, 'displaced');
    await becomes(root, firm, 'firm');
    const page = await signIn(browser, nodes.ports.office, owner.username, nodes.password);
    t.after(() => page.context().close());
    await page.waitForSelector('.visit');
    await page.goto(`https://localhost:${nodes.ports.office}/desk#/tasks`);
    await page.waitForSelector('[data-offer]');
    await page.screenshot({ path: path.join(shots, 'rebooking.png') });
    const [first] = await page.$$('[data-offer]');
    const start = await first.getAttribute('data-offer');
    await first.click();
    await page.waitForSelector('[data-offer]', { state: 'detached' });
    const { data } = await office.call('GET', `/api/board?site=${ask.site}&day=${start.slice(0, 10)}`);
    const moved = data.board.appointments.find((x) => x.id === lost);
    assert.equal(moved.start, start);
    assert.equal(moved.certainty, 'firm');
    await becomes(root, lost, 'firm');
  });
});
