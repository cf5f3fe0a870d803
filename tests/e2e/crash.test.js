// kill -9 at random moments: kiosk, lobby's, office's and root's daemons, while people check in. Nothing committed is lost or doubled.
// KILLS says how many (otherwise 40; `make crash` runs 200), SEED the random numbers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Kiosk } from './lib/kiosk.js';
import { Nodes } from './lib/nodes.js';
import { expectedToday } from './lib/day.js';
import { sleep, until } from './lib/practice.js';
import { first, pick, random } from './lib/random.js';

const KILLS = Number(process.env.KILLS ?? 40);

let nodes;
before(async () => { nodes = await Nodes.start(); });
after(async () => { await nodes?.stop(); });

test(`${KILLS} kills at random moments lose and double nothing`, { timeout: 30 * 60000 }, async (t) => {
  t.diagnostic(`SEED=${first}`);
  const startKiosk = () => Kiosk.start({ data: nodes.data.lobby, folder: nodes.folder }).connect();
  let kiosk = await startKiosk();
  const told = new Map(); // appointment -> ticket that a person was shown
  const asked = new Set();
  let kills = 0;
  let finished = false;
  let restarting = Promise.resolve();

  // One hand kills and starts again; the other checks people in, from the beginning when the kiosk was killed under it.
  const killer = (async () => {
    while (kills < KILLS) {
      await sleep(50 + random() * 900);
      const victim = pick(['kiosk', 'kiosk', 'lobby', 'office', 'root']);
      kills++;
      restarting = (async () => {
        if (victim === 'kiosk') {
          await kiosk.kill();
          kiosk = await startKiosk();
        } else {
          await nodes.daemons[victim].kill();
          await sleep(random() * 300);
          await nodes.up(victim);
        }
      })();
      await restarting;
    }
    finished = true;
  })();

  const everyone = expectedToday(nodes.db('lobby'));
  for (let turn = 0; !finished || turn === 0; turn++) {
    const person = everyone.find((p) => !told.has(p.appointment)) ?? pick(everyone);
    asked.add(person.appointment);
    try {
      const using = kiosk;
      await using.driver?.wait('#welcome.check_in', 15000);
      const places = await using.checkIn(person);
      const tree = await using.tree();
      if (places.at(-1) === 'done' || places.at(-1) === 'here') {
        told.set(person.appointment, tree.map((node) => node.label).join(' '));
        await using.tap(`#${places.at(-1)}.primary`);
      }
    } catch (error) {
      if (!/the kiosk went away|driver|EPIPE|null|write after|in vain/.test(error.message)) {
        const { place } = await kiosk.page().catch(() => ({ place: '?' }));
        throw new Error(`${error.message} (at ${place}; SEED=${first})`);
      }
      await restarting;
      await sleep(20);
    }
  }
  await killer;
  await kiosk.stop();
  t.diagnostic(`${kills} kills, ${told.size} people were told that they are checked in`);
  assert.ok(told.size > 0, 'somebody got through');
  await nodes.settle(120000);
  await nodes.verify();
  for (const name of ['root', 'office', 'lobby']) {
    for (const appointment of told.keys()) {
      const [visit] = nodes.rows(name, `SELECT status, ticket FROM appointment WHERE id = x'${appointment}'`);
      assert.equal(visit.status, 'arrived', `${appointment} at the ${name}`);
    }
    assert.deepEqual(nodes.rows(name, `SELECT lower(hex(appointment)) AS id, count(*) AS n FROM appointment_event WHERE kind = 'arrived' GROUP BY appointment HAVING n > 1`), [], 'arrived once');
    const whose = name === 'lobby' ? 'client' : 'appointment'; // a tablet is not told at which visit
    assert.deepEqual(nodes.rows(name, `SELECT lower(hex(${whose})) AS id, document, count(*) AS n FROM consent GROUP BY ${whose}, document HAVING n > 1`), [], 'signed once');
    assert.deepEqual(nodes.rows(name, `SELECT lower(hex(${whose})) AS id, questionnaire, count(*) AS n FROM questionnaire_response GROUP BY ${whose}, questionnaire HAVING n > 1`), [], 'answered once');
    const half = nodes.rows(name, `SELECT lower(hex(a.id)) AS id FROM appointment a WHERE a.status = 'arrived' AND NOT EXISTS (SELECT 1 FROM appointment_event e WHERE e.appointment = a.id AND e.kind = 'arrived')`);
    assert.deepEqual(half, [], 'nothing is half done');
  }
  await until('all attachments at the root', () => nodes.rows('root', `SELECT count(*) AS n FROM attachment t WHERE NOT EXISTS (SELECT 1 FROM blob b WHERE b.hash = t.hash)`)[0].n === 0);
});
