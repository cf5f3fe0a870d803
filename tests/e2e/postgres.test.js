// Several daemons of one root over one PostgreSQL, killed at random together with connections, and a failover to the replica in the
// middle, while offices replicate and staff write. Nothing acknowledged is lost or doubled; all tables are equal; all verify.
// KILLS says how many (otherwise 24), SEED the random numbers.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import { test } from 'node:test';
import { Desk } from './lib/desk.js';
import { rows } from './lib/day.js';
import { Postgres, there } from './lib/postgres.js';
import { Daemon, bin, foyer, foyerJson, freePort, path, readFile, sleep, until } from './lib/practice.js';
import { first, pick, random } from './lib/random.js';

const KILLS = Number(process.env.KILLS ?? 24);

/** What stands before the daemons: each connection goes to one of those that run. */
class Balancer {
  constructor(ports) { this.ports = ports; this.sockets = new Set(); }
  async open() {
    this.server = net.createServer((near) => this.#join(near, [...this.ports].sort(() => random() - 0.5)));
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.port = this.server.address().port;
    return this;
  }
  #join(near, [port, ...others]) {
    if (!port) return near.destroy();
    const far = net.connect(port, '127.0.0.1');
    let open = false;
    far.once('connect', () => { open = true; near.pipe(far).pipe(near); });
    far.on('error', () => (open ? near.destroy() : this.#join(near, others)));
    for (const s of [near, far]) {
      this.sockets.add(s);
      s.on('close', () => { this.sockets.delete(s); if (open) { near.destroy(); far.destroy(); } });
    }
    near.on('error', () => far.destroy());
  }
  async close() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((done) => this.server.close(done));
  }
}

class Cluster {
  static async start({ replica, daemons = 3, offices = 2 }) {
    const c = new Cluster();
    c.folder = mkdtempSync(path.join(os.tmpdir(), 'foyer-'));
    chmodSync(c.folder, 0o711);
    Object.assign(c, { data: {}, ports: {}, daemons: {}, roots: [], offices: [], password: 'welcome to foyer' });
    c.postgres = await Postgres.start(path.join(c.folder, 'pg'), { replica });
    for (let i = 1; i <= daemons; i++) c.roots.push(await c.add(`root${i}`));
    for (let i = 1; i <= offices; i++) c.offices.push(await c.add(`office${i}`));
    const [one, ...more] = c.roots;
    c.accounts = (await foyerJson('demo', '--data', c.data[one], '--password', c.password)).accounts;
    await foyer('log', 'move', c.postgres.address, '--data', c.data[one]);
    for (const name of more) await foyer('log', 'join', c.postgres.address, '--data', c.data[name], '--keys', c.data[one]);
    await Promise.all(c.roots.map((name) => c.up(name)));
    c.balancer = await new Balancer(c.roots.map((name) => c.ports[name])).open();
    const [site] = rows(`${c.data[one]}/foyer.db`, 'SELECT name FROM site LIMIT 1');
    for (const name of c.offices) {
      const { code } = await foyerJson('enrol-code', '--data', c.data[pick(c.roots)], '--name', name, '--kind', 'office', '--site', site.name);
      await foyer('enrol', `https://127.0.0.1:${c.balancer.port}`, code, '--data', c.data[name], '--host', 'localhost,127.0.0.1');
      await c.up(name);
    }
    return c;
  }
  async add(name) {
    this.data[name] = path.join(this.folder, name);
    this.ports[name] = await freePort();
    this.daemons[name] = new Daemon(`foyerd ${name}`, bin('foyerd'), ['--data', this.data[name], '--listen', `127.0.0.1:${this.ports[name]}`], path.join(this.folder, `${name}.log`));
    return name;
  }
  log(name) { return readFile(path.join(this.folder, `${name}.log`), 'utf8').catch(() => ''); }
  /** Start it, again and again while it cannot: during a failover a daemon may find no server. */
  async up(name) {
    await until(`${name} to listen`, async () => {
      const before = (await this.log(name)).length;
      this.daemons[name].start();
      await until(`${name}`, async () => /foyerd\.listening/.test((await this.log(name)).slice(before)) || !this.daemons[name].running, 30000);
      return this.daemons[name].running;
    }, 60000, 200);
  }
  get all() { return [...this.roots, ...this.offices]; }
  async settle(timeoutMs = 90000) {
    let seen;
    await until('all replicas to become equal', async () => {
      seen = await Promise.all(this.all.map(async (name) => (await foyerJson('digest', '--data', this.data[name])).digest));
      return seen.every((digest) => digest === seen[0]);
    }, timeoutMs, 200).catch((error) => { throw new Error(`${error.message}: ${seen}`); });
    for (const name of this.all) await foyer('verify', '--data', this.data[name]);
  }
  async end(ok) {
    for (const daemon of Object.values(this.daemons)) await daemon.kill();
    await this.balancer?.close();
    await this.postgres?.end();
    if (ok && !process.env.FOYER_KEEP) rmSync(this.folder, { recursive: true, force: true });
    else console.log(`# kept: ${this.folder}`);
  }
}

/** Staff who add tasks until told to stop; `kept` are those that were acknowledged. */
async function write(desk, account, password, label, kept, state) {
  for (let i = 0; !state.finished; i++) {
    const title = `${label} ${i}`;
    try {
      if (!desk.cookie) await desk.signIn(account.username, password);
      const { status } = await desk.call('POST', '/api/tasks', { site: desk.sites[0].id, title });
      if (status === 201) kept.push(title);
      else if (status === 401) { state.signedOut++; desk.cookie = ''; }
      else state.refused++;
      if (status !== 201) await sleep(50);
    } catch {
      state.broken++;
      await sleep(20);
    }
  }
}

test(`${KILLS} kills of daemons and connections, and a failover, lose and double nothing`, { timeout: 15 * 60000, skip: !there }, async (t) => {
  t.diagnostic(`SEED=${first}`);
  const c = await Cluster.start({ replica: 'sync' });
  let ok = false;
  try {
    const owner = c.accounts.find((a) => a.role === 'Owner');
    const kept = [], state = { finished: false, broken: 0, refused: 0, signedOut: 0 };
    const writers = [
      ...[1, 2, 3].map((n) => write(new Desk(c.balancer.port), owner, c.password, `root ${n}`, kept, state)),
      ...c.offices.map((name) => write(new Desk(c.ports[name]), owner, c.password, name, kept, state)),
    ];
    let failover = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(100 + random() * 700);
      if (kill === KILLS >> 1) {
        const began = Date.now(), before = kept.filter((title) => title.startsWith('root')).length;
        await c.postgres.do('kill', 'a');
        await c.postgres.do('promote');
        await until('staff at the root to write again', () => kept.filter((title) => title.startsWith('root')).length > before, 60000);
        failover = Date.now() - began;
      } else if (random() < 0.3) {
        const server = failover ? 'b' : 'a';
        await c.postgres.sql(server, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'foyer'");
      } else {
        const victim = pick(c.roots);
        await c.daemons[victim].kill();
        await sleep(random() * 300);
        await c.up(victim);
      }
    }
    state.finished = true;
    await Promise.all(writers);
    await c.settle();
    t.diagnostic(`${kept.length} acknowledged; ${state.refused} refused, ${state.broken} cut off, ${state.signedOut} signed out; ${failover} ms from the primary's end to the next acknowledged write`);
    assert.ok(kept.length > 100, 'work went on');
    assert.equal(state.signedOut, 0, 'a session is good at every daemon');
    for (const name of c.all) {
      const titles = rows(`${c.data[name]}/foyer.db`, `SELECT title, count(*) AS n FROM task GROUP BY title`);
      const there = new Map(titles.map((row) => [row.title, row.n]));
      assert.deepEqual(kept.filter((title) => there.get(title) !== 1), [], `acknowledged, and once at ${name}`);
      assert.deepEqual(rows(`${c.data[name]}/foyer.db`, 'SELECT node, seq FROM journal GROUP BY node, seq HAVING count(*) > 1'), []);
    }
    assert.deepEqual(rows(`${c.data[c.roots[0]]}/foyer.db`, `SELECT value FROM local WHERE key = 'epoch'`), [], 'no new epoch');
    ok = true;
  } finally {
    await c.end(ok);
  }
});

test('what a failover to a lagging replica has lost comes back from daemons and devices', { timeout: 5 * 60000, skip: !there }, async () => {
  const c = await Cluster.start({ replica: 'async', daemons: 2, offices: 1 });
  let ok = false;
  try {
    const owner = c.accounts.find((a) => a.role === 'Owner');
    const [one, two] = c.roots;
    const root = await new Desk(c.ports[one]).signIn(owner.username, c.password);
    const office = await new Desk(c.ports.office1).signIn(owner.username, c.password);
    await c.settle();
    await c.postgres.do('stop', 'b');
    for (const [desk, title] of [[root, 'written at the root'], [office, 'written at the office']])
      assert.equal((await desk.call('POST', '/api/tasks', { site: desk.sites[0].id, title })).status, 201);
    await c.settle(); // all have it but the replica
    await c.daemons[one].kill(); // the other daemon and the office hold it
    await c.postgres.do('kill', 'a');
    await c.postgres.do('up', 'b');
    await c.postgres.do('promote');
    await c.up(one);
    await c.settle();
    for (const name of c.all)
      assert.equal(rows(`${c.data[name]}/foyer.db`, `SELECT title FROM task WHERE title LIKE 'written at the %'`).length, 2, name);
    const [epoch] = rows(`${c.data[two]}/foyer.db`, `SELECT CAST(value AS TEXT) AS epoch FROM local WHERE key = 'epoch'`);
    assert.equal(epoch?.epoch.length, 32, 'a new epoch has begun');
    await until('the root to be whole again', async () => {
      const desk = new Desk(c.ports[two]);
      try {
        await desk.signIn(owner.username, c.password);
        return (await desk.call('POST', '/api/tasks', { site: desk.sites[0].id, title: 'after' })).status === 201;
      } catch { return false; }
    }, 60000, 200);
    await c.settle();
    ok = true;
  } finally {
    await c.end(ok);
  }
});
