// The desk board in a real browser, served by the office of a practice of real daemons.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { dashed, openBrowser, signIn } from './lib/browser.js';
import { expectedToday } from './lib/day.js';
import { Kiosk } from './lib/kiosk.js';
import { Nodes } from './lib/nodes.js';
import { build, foyer, foyerJson, path, readFile } from './lib/practice.js';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shots = path.join(build, 'desk');
let nodes, browser, desk, owner;
const row = (visit) => `[data-visit="${dashed(visit.appointment)}"]`;
const toast = (page, text) => page.waitForSelector(`.toast:has-text("${text}")`);

before(async () => {
  mkdirSync(shots, { recursive: true });
  nodes = await Nodes.start();
  browser = await openBrowser();
  desk = nodes.accounts.find((a) => a.role === 'Front desk');
  owner = nodes.accounts.find((a) => a.role === 'Owner');
});
after(async () => {
  await browser?.close();
  await nodes?.stop();
});

/** Someone signed in at the office; what goes wrong in the page fails the test that asked for it. */
async function open(t, account = desk, options = {}) {
  const page = await signIn(browser, nodes.ports.office, account.username, nodes.password, options);
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error' && !/status of (401|403|409|400)/.test(message.text())) troubles.push(message.text()); });
  await page.waitForSelector('.visit');
  t.after(async () => {
    await page.context().close();
    assert.deepEqual(troubles, []);
  });
  return page;
}
/** Back to how it was: tests do not depend on one another. */
const expected = (index) => {
  const visit = expectedToday(nodes.db('office'))[index];
  assert.ok(visit, 'enough people are expected today');
  return visit;
};
/** A call of the API with the page's own session. */
const api = (page, method, url, body) => page.evaluate(async ([m, u, b]) => {
  const session = await (await fetch('/api/session')).json();
  const response = await fetch(u, { method: m, headers: { 'Content-Type': 'application/json', 'X-Foyer-Guard': session.guard }, body: m === 'GET' ? undefined : JSON.stringify(b ?? {}) });
  return { status: response.status, data: await response.json() };
}, [method, url, body]);

describe('signing in', () => {
  test('a wrong password says so and keeps the name', async (t) => {
    const page = await signIn(browser, nodes.ports.office, desk.username, 'not the password');
    t.after(() => page.context().close());
    await page.waitForSelector('.notice.bad');
    assert.match(await page.textContent('.notice.bad'), /do not go together/);
    assert.equal(await page.inputValue('input[name=username]'), desk.username);
    assert.equal(await page.inputValue('input[name=password]'), '');
  });

  test('the session lives in a cookie that scripts cannot read, and outlives a reload', async (t) => {
    const page = await open(t);
    const [cookie] = await page.context().cookies();
    assert.ok(cookie.name.startsWith('__Host-foyer-') && cookie.httpOnly && cookie.secure && cookie.sameSite === 'Strict');
    assert.equal(await page.evaluate(() => document.cookie), '');
    await page.reload();
    await page.waitForSelector('.visit');
  });

  test('signing out ends it here and at the server', async (t) => {
    const page = await open(t);
    const cookies = await page.context().cookies();
    await page.click('.person');
    await page.click('[role=menuitem]:has-text("Sign out")');
    await page.waitForSelector('input[name=password]');
    await page.context().addCookies(cookies);
    await page.reload();
    await page.waitForSelector('input[name=password]');
  });

  test('nobody at the desk: a warning, then everything is gone from the screen', async (t) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    t.after(() => context.close());
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(`https://localhost:${nodes.ports.office}/`);
    await page.fill('input[name=username]', desk.username);
    await page.fill('input[name=password]', nodes.password);
    await page.click('button.primary');
    await page.waitForSelector('.visit');
    await page.clock.fastForward('14:20');
    await page.waitForSelector('[role=alertdialog]');
    await page.click('[role=alertdialog] button.primary');
    await page.waitForSelector('[role=alertdialog]', { state: 'detached' });
    await page.clock.fastForward('14:20');
    await page.waitForSelector('[role=alertdialog]');
    await page.clock.fastForward('01:00');
    await page.waitForSelector('input[name=password]');
    assert.match(await page.textContent('.notice.warn'), /nobody used this page/);
    assert.equal(await page.locator('.visit').count(), 0);
  });
});

describe('the day', () => {
  test('an arrival at another screen of the office shows at once, without reload', async (t) => {
    const page = await open(t);
    const kiosk = await Kiosk.start({ data: nodes.data.office, folder: nodes.folder, name: 'office-kiosk' }).connect();
    t.after(() => kiosk.stop());
    const visit = expected(0);
    await page.evaluate((selector) => {
      window.marker = 'not reloaded';
      new MutationObserver((_, self) => {
        if (!document.querySelector(`${selector}.arrived`)) return;
        window.shownAt = Date.now();
        self.disconnect();
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
    }, row(visit));
    await kiosk.checkIn(visit);
    await page.waitForSelector(`${row(visit)}.arrived`);
    const [{ at }] = nodes.rows('office', `SELECT arrived_at AS at FROM appointment WHERE id = x'${visit.appointment}'`);
    const late = await page.evaluate((arrived) => window.shownAt - arrived, at);
    t.diagnostic(`shown ${late} ms after the moment of arrival`);
    assert.ok(late < 1000, `${late} ms`);
    assert.equal(await page.evaluate(() => window.marker), 'not reloaded');
    assert.match(await page.textContent('#announce'), /has arrived/);
  });

  test('arrived, to a room, done, and the way back', async (t) => {
    const page = await open(t);
    const visit = expected(0);
    const at = row(visit);
    await page.click(`${at} [data-step=arrived]`);
    await page.waitForSelector(`.group.waiting ${at}`);
    await page.click('.toast button.link'); // undo
    await page.waitForSelector(`.group.expected ${at}`);
    await page.click(`${at} [data-step=arrived]`);
    await page.click(`${at} [data-step=room]`);
    await page.waitForSelector('dialog[open]');
    const room = await page.textContent('.room:not(.busy) strong');
    await page.click('.room:not(.busy)');
    await page.waitForSelector(`.group.roomed ${at}`);
    assert.ok((await page.textContent(`${at} .visit-state`)).includes(room));
    await page.click(`${at} [data-step=done]`);
    await page.waitForSelector('.group.finished');
    await page.click('.group.finished .fold');
    await page.waitForSelector(`.group.finished ${at}`);
    const events = nodes.rows('office', `SELECT kind FROM appointment_event WHERE appointment = x'${visit.appointment}' AND staff IS NOT NULL ORDER BY at`).map((e) => e.kind);
    assert.deepEqual(events.filter((kind) => kind !== 'booked').slice(-3), ['arrived', 'roomed', 'done']);
  });

  test('of two people who press at once the second is told, and sees what the first did', async (t) => {
    const [a, b] = [await open(t), await open(t, owner)];
    const visit = expected(0);
    await b.route('**/api/board*', () => {}); // from its next look on b hears of nothing
    const looked = b.waitForRequest('**/api/board*');
    await b.evaluate(() => dispatchEvent(new Event('online')));
    await looked;
    await a.click(`${row(visit)} [data-step=arrived]`);
    await a.waitForSelector(`${row(visit)}.arrived`);
    await b.click(`${row(visit)} [data-step=arrived]`);
    await toast(b, 'Someone was faster');
    await b.waitForSelector(`${row(visit)}.arrived`);
    assert.equal(nodes.rows('office', `SELECT count(*) AS n FROM appointment_event WHERE appointment = x'${visit.appointment}' AND kind = 'arrived'`)[0].n, 1);
    await b.screenshot({ path: path.join(shots, 'conflict.png') });
  });

  test('the keyboard alone does it', async (t) => {
    const page = await open(t);
    const visit = expected(0);
    await page.focus(`${row(visit)} .visit-name`);
    await page.keyboard.press('a');
    await page.waitForSelector(`.group.waiting ${row(visit)}`);
    await page.focus('.visit-name');
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.evaluate(() => [...document.querySelectorAll('.visit-name')].indexOf(document.activeElement)), 1);
    await page.focus(`${row(visit)} .visit-name`);
    await page.keyboard.press('n');
    await toast(page, 'not come');
    await page.keyboard.press('Control+k');
    await page.waitForSelector('input[type=search]:focus');
  });

  test('a walk-in: what is wrong is said beside the field, then they wait with a number', async (t) => {
    const page = await open(t);
    await page.click('.tools button.primary');
    await page.click('dialog >> text=Someone new');
    await page.fill('dialog input[name=given]', 'Íñigo');
    await page.fill('dialog input[name=phone]', 'no number');
    await page.click('dialog button.primary');
    await page.waitForSelector('.field.wrong');
    await page.fill('dialog input[name=family]', 'Walker');
    await page.fill('dialog input[name=birth_date]', '1990-05-06');
    await page.fill('dialog input[name=phone]', '617-555-0177');
    await page.fill('dialog input[name=reason]', 'Cut finger');
    await page.click('dialog button.primary');
    await page.waitForSelector('.group.waiting .visit:has-text("Íñigo Walker")');
    assert.ok((await page.textContent('.group.waiting .visit:has-text("Íñigo Walker")')).includes('Cut finger'));
  });

  test('another day, and back to today', async (t) => {
    const page = await open(t);
    const today = await page.textContent('h1');
    await page.click('[aria-label="Day after"]');
    await page.waitForFunction((was) => document.querySelector('h1') && document.querySelector('h1').textContent !== was, today);
    await page.click('.stepper >> text=Today');
    await page.waitForFunction((was) => document.querySelector('h1')?.textContent === was, today);
    await page.waitForSelector('.visit');
  });

  test('on paper the day is one table with everyone in the order of time', async (t) => {
    const page = await open(t);
    await page.emulateMedia({ media: 'print' });
    const times = await page.locator('.paper-day tbody tr').count();
    const [{ n }] = nodes.rows('office', `SELECT count(*) AS n FROM appointment WHERE site = (SELECT site FROM node WHERE kind = 'office') AND substr(start_wall, 1, 10) =
      (SELECT substr(start_wall, 1, 10) FROM appointment WHERE status = 'arrived' ORDER BY start_wall DESC LIMIT 1)`);
    assert.equal(times, n);
    assert.equal(await page.isVisible('.rail'), false);
    await page.screenshot({ path: path.join(shots, 'print.png'), fullPage: true });
  });
});

describe('a client', () => {
  test('is found without accents, shown whole, and the reading is written down', async (t) => {
    const page = await open(t);
    const [client] = nodes.rows('office', `SELECT lower(hex(id)) AS id, given, family FROM client WHERE family GLOB '*[^ -~]*' LIMIT 1`);
    await page.click('nav >> text=Patients');
    await page.fill('input[type=search]', client.family.normalize('NFD').replace(/[^ -~]/g, ''));
    await page.click(`.match:has-text("${client.family}")`);
    await page.waitForSelector('.chart-head h1');
    assert.ok((await page.textContent('h1')).includes(client.family));
    const read = nodes.rows('office', `SELECT face, what FROM access WHERE client = x'${client.id}' AND staff = (SELECT id FROM staff WHERE username = '${desk.username}')`);
    assert.deepEqual(read, [{ face: 'desk', what: 'chart' }]);
  });

  test('their answers, and the consent with the signature as it was drawn', async (t) => {
    const page = await open(t);
    const [consent] = nodes.rows('office', `SELECT lower(hex(client)) AS client FROM consent WHERE ink IS NOT NULL ORDER BY decided_at DESC LIMIT 1`);
    assert.ok(consent, 'the check-in above has signed');
    await page.goto(`https://localhost:${nodes.ports.office}/desk#/client/${dashed(consent.client)}`);
    await page.click('.card:has(h2:text-is("Consents")) .record:has(.chip.good)');
    await page.waitForSelector('.signature img');
    assert.ok(await page.evaluate(() => new Promise((done) => { const i = document.querySelector('.signature img'); i.complete ? done(i.naturalWidth) : i.addEventListener('load', () => done(i.naturalWidth)); })) > 0);
    assert.match(await page.textContent('.notice.good'), /exactly what was signed/);
    await page.screenshot({ path: path.join(shots, 'consent.png') });
    await page.keyboard.press('Escape');
    await page.click('.card:has(h2:text-is("Answers")) .record');
    await page.waitForSelector('.answers .answer dd');
    await page.screenshot({ path: path.join(shots, 'answers.png') });
  });

  test('what someone typed as a name is never run', async (t) => {
    const page = await open(t);
    const evil = '<img src=x onerror="window.owned=1">';
    const { status } = await api(page, 'POST', '/api/walk-ins', { site: (await api(page, 'GET', '/api/session')).data.site, given: evil, family: '{{7*7}}</script>', birth_date: '1990-01-01', reason: '<b>bold</b>' });
    assert.equal(status, 200);
    await page.waitForSelector(`.visit:has-text("${'<img src=x'}")`);
    assert.ok((await page.textContent('.group.waiting')).includes('<b>bold</b>'));
    assert.equal(await page.evaluate(() => window.owned), undefined);
    assert.equal(await page.locator('.visit img, .visit b').count(), 0);
  });

  test('two people correct the same details: the second sees the first one’s before saving', async (t) => {
    const [a, b] = [await open(t), await open(t, owner)];
    const { client } = expected(1);
    for (const page of [a, b]) {
      await page.goto(`https://localhost:${nodes.ports.office}/desk#/client/${dashed(client)}`);
      await page.click('.card-head >> text=Edit');
    }
    await a.fill('dialog input[name=phone]', '617-555-0101');
    await a.click('dialog button.primary');
    await toast(a, 'saved');
    await b.fill('dialog input[name=city]', 'Cambridge');
    await b.click('dialog button.primary');
    await b.waitForSelector('dialog .notice.warn');
    assert.ok((await b.textContent('dialog .notice.warn')).includes('617-555-0101'));
    await b.fill('dialog input[name=phone]', '617-555-0101');
    await b.click('dialog button.primary');
    await toast(b, 'saved');
    assert.deepEqual(nodes.rows('office', `SELECT phone, city FROM client WHERE id = x'${client}'`), [{ phone: '617-555-0101', city: 'Cambridge' }]);
  });
});

describe('tasks', () => {
  test('someone presses Help at the kiosk; the desk takes it and closes it', async (t) => {
    const page = await open(t);
    const kiosk = await Kiosk.start({ data: nodes.data.office, folder: nodes.folder, name: 'help-kiosk' }).connect();
    t.after(() => kiosk.stop());
    await kiosk.driver.wait('Help');
    await kiosk.tap('Help');
    await page.waitForSelector('.task.urgent');
    assert.match(await page.title(), /^\(1\)/);
    await page.screenshot({ path: path.join(shots, 'help.png') });
    const id = await page.getAttribute('.task.urgent', 'data-task');
    const task = `[data-task="${id}"]`;
    await page.click(`${task} button:has-text("I’ll do it")`);
    await page.waitForSelector(`${task}:not(.urgent) .chip:has-text("You")`);
    await page.click(`${task} button:has-text("Done")`);
    await page.waitForSelector(task, { state: 'detached' });
    assert.deepEqual(nodes.rows('office', `SELECT status, kind FROM task WHERE id = x'${id.replaceAll('-', '')}'`), [{ status: 'done', kind: 'help' }]);
  });
});

describe('without internet, without server', () => {
  test('what waits is said in plain words, and that it is sent when the line is back', async (t) => {
    const page = await open(t);
    await page.waitForSelector('.sync-card.good', { timeout: 20000 });
    nodes.internet.cut();
    t.after(() => nodes.internet.restore());
    await page.click(`${row(expected(1))} [data-step=arrived]`);
    await page.waitForSelector('.sync-card.wait:has-text("internet is down")', { timeout: 30000 });
    assert.match(await page.textContent('.sync-card'), /Everything here is saved\.\s*\d+ changes? waits? for the central server since/);
    await page.click('.sync-card');
    await page.waitForSelector('.sync-big');
    await page.screenshot({ path: path.join(shots, 'offline.png') });
    nodes.internet.restore();
    await page.waitForSelector('.sync-card.good:has-text("has it too")', { timeout: 60000 });
  });

  test('edits of two offices that had not seen one another are both shown, and decided on the page', async (t) => {
    const page = await open(t, owner);
    const { client } = expected(1);
    nodes.internet.cut();
    const at = await signIn(browser, nodes.ports.root, owner.username, nodes.password);
    t.after(() => at.context().close());
    await at.waitForSelector('.rail');
    for (const [who, phone] of [[page, '617-555-0111'], [at, '617-555-0222']]) {
      const { data } = await api(who, 'GET', `/api/clients/${dashed(client)}`);
      const { status } = await api(who, 'PUT', `/api/clients/${dashed(client)}/contact`, { ...data.client.contact, phone, shown: data.client.contact });
      assert.equal(status, 200);
    }
    nodes.internet.restore();
    await page.goto(`https://localhost:${nodes.ports.office}/desk#/client/${dashed(client)}`);
    await page.waitForSelector('.overwrite', { timeout: 60000 });
    assert.match(await page.textContent('.side-value.won'), /617-555-0222/);
    assert.match(await page.textContent('.side-value.lost'), /617-555-0111/);
    await page.screenshot({ path: path.join(shots, 'two-versions.png') });
    await page.click('.side-value.lost button');
    await page.waitForSelector('.overwrite', { state: 'detached' });
    assert.equal(nodes.rows('office', `SELECT phone FROM client WHERE id = x'${client}'`)[0].phone, '617-555-0111');
  });

  test('the server goes and comes back: the page says so, keeps what it shows, and goes on', async (t) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 } });
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(`https://localhost:${nodes.ports.office}/`);
    await page.fill('input[name=username]', desk.username);
    await page.fill('input[name=password]', nodes.password);
    await page.click('button.primary');
    await page.waitForSelector('.visit');
    await nodes.daemons.office.stop();
    await page.waitForSelector('.banner');
    assert.ok(await page.locator('.visit').count() > 0);
    await page.screenshot({ path: path.join(shots, 'unreachable.png') });
    await nodes.up('office');
    await page.waitForSelector('.banner', { state: 'detached', timeout: 30000 });
    await page.click(`${row(expected(1))} [data-step=arrived]`);
    await toast(page, 'has arrived');
  });
});

describe('devices', () => {
  test('the code on the page makes a new device of the practice', async (t) => {
    const page = await open(t, owner);
    await page.click('nav >> text=Devices');
    await page.click('text=Add a device');
    await page.fill('dialog input[name=name]', 'Second tablet');
    await page.click('dialog button.primary');
    await page.waitForSelector('.qr');
    await page.screenshot({ path: path.join(shots, 'device-code.png') });
    const code = (await page.locator('.code-text:not(.small-code) span').allTextContents()).join('-');
    const url = await page.textContent('.small-code');
    assert.equal(url, `https://localhost:${nodes.ports.office}`);
    const joined = await foyerJson('enrol', url, code, '--data', path.join(nodes.folder, 'second'));
    assert.equal(joined.name, 'Second tablet');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.device:has-text("Second tablet")');
    await page.click('.device:has-text("Second tablet") button');
    await page.fill('dialog input[name=reason]', 'end of the test');
    await page.click('dialog button.danger');
    await page.waitForSelector('.device.revoked:has-text("Second tablet")');
    await assert.rejects(foyer('enrol', url, code, '--data', path.join(nodes.folder, 'third')), 'a code is good once');
  });

  test('the front desk has no such page', async (t) => {
    const page = await open(t);
    assert.equal(await page.locator('nav >> text=Devices').count(), 0);
    assert.equal((await api(page, 'GET', '/api/devices')).status, 403);
    await page.goto(`https://localhost:${nodes.ports.office}/desk#/devices`);
    await page.waitForSelector('text=You do not have permission');
  });
});

describe('for everyone', () => {
  test('nothing is asked of anyone but this server, and scripts in the page are refused', async (t) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    t.after(() => context.close());
    const page = await context.newPage();
    const asked = new Set();
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    const answer = await page.goto(`https://localhost:${nodes.ports.office}/desk`);
    await page.waitForSelector('input[name=password]');
    assert.deepEqual([...asked], [`https://localhost:${nodes.ports.office}`]);
    const policy = answer.headers()['content-security-policy'];
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|data:|https?:/);
    await page.evaluate(() => { const s = document.createElement('a'); try { s.setAttribute('onclick', 'window.owned = 1'); } catch { /* refused before it is even there */ } document.body.append(s); s.click(); });
    assert.equal(await page.evaluate(() => window.owned), undefined);
  });

  const looks = [
    { name: '1280', viewport: { width: 1280, height: 800 } },
    { name: '1920', viewport: { width: 1920, height: 1080 } },
    { name: '390', viewport: { width: 390, height: 844 } },
    { name: 'dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
    { name: 'es', viewport: { width: 1280, height: 800 }, locale: 'es-ES' },
  ];
  for (const { name, ...options } of looks) {
    test(`WCAG 2.2 AA on every page (${name}), nothing wider than the screen`, async (t) => {
      const page = await open(t, owner, { ...options, reducedMotion: 'reduce' });
      const { client } = expected(1);
      const pages = ['day', 'clients', `client/${dashed(client)}`, 'tasks', 'review', 'devices', 'sync'];
      for (const where of pages) {
        await page.goto(`https://localhost:${nodes.ports.office}/desk#/${where}`);
        await page.waitForSelector('main h1');
        await page.waitForFunction(() => !document.querySelector('.loading'));
        await check(page, `${where.split('/')[0]}-${name}`);
      }
      await page.goto(`https://localhost:${nodes.ports.office}/desk#/day`);
      await page.waitForSelector('.visit.arrived');
      for (const [what, selector] of [['menu', '.visit.arrived .menu button'], ['room', '.visit.arrived [data-step=room]'], ['walkin', '.tools button.primary'], ['person', '.person']]) {
        await page.click(selector);
        await page.waitForSelector(what === 'menu' || what === 'person' ? '[role=menu]' : 'dialog[open]');
        await check(page, `${what}-${name}`);
        await page.keyboard.press('Escape');
        await page.waitForSelector(what === 'menu' || what === 'person' ? '[role=menu]' : 'dialog[open]', { state: 'detached' });
      }
    });
  }
  async function check(page, name) {
    await page.screenshot({ path: path.join(shots, `${name}.png`) });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
    if (name.endsWith('1920')) return; // the same elements in the same colours as at 1280
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
    assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes[0].html} ${v.nodes[0].failureSummary}`), [], name);
  }

  test('the sign-in page is accessible too', async (t) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 }, bypassCSP: true });
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(`https://localhost:${nodes.ports.office}/desk`);
    await page.waitForSelector('input[name=password]');
    await check(page, 'signin');
  });
});
