// Root, office and lobby of one practice as real daemons on loopback, each behind a line that can be cut.
import { chmodSync, mkdtempSync, rmSync, existsSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { Daemon, Link, bin, foyer, foyerJson, freePort, readFile, top, until } from './practice.js';
import { rows } from './day.js';
import { Postgres } from './postgres.js';

export const shared = path.join(top, '../shared/data');
const REAL = path.join(shared, 'fhir');

export class Nodes {
  /** Set up, enrol and start all three; they are equal when this returns. */
  static async start({ clients = 0, zone = execFileSync(path.join(top, 'tests/morning-zone'), { encoding: 'utf8' }).trim() } = {}) {
    const nodes = new Nodes();
    nodes.folder = mkdtempSync(path.join(os.tmpdir(), 'foyer-'));
    nodes.password = 'welcome to foyer';
    nodes.data = {};
    nodes.daemons = {};
    nodes.ports = {};
    for (const name of ['root', 'office', 'lobby']) {
      nodes.data[name] = path.join(nodes.folder, name);
      nodes.ports[name] = await freePort();
      nodes.daemons[name] = new Daemon(`foyerd ${name}`, bin('foyerd'),
        ['--data', nodes.data[name], '--listen', `127.0.0.1:${nodes.ports[name]}`], path.join(nodes.folder, `${name}.log`));
    }
    const demo = ['demo', '--data', nodes.data.root, '--password', nodes.password, '--clients', String(clients), '--zone', zone];
    if (existsSync(REAL)) demo.push('--fhir', REAL);
    nodes.accounts = (await foyerJson(...demo)).accounts;
    const [site] = rows(`${nodes.data.root}/foyer.db`, `SELECT name FROM site ORDER BY prefix = 'M' DESC, name LIMIT 1`);
    if (process.env.FOYER_LOG === 'postgres') await nodes.moveLog();
    await nodes.up('root');
    nodes.internet = await new Link(nodes.ports.root).open(); // office to root
    await nodes.enrol('office', 'root', nodes.internet.port, site.name, ['--host', 'localhost,127.0.0.1']);
    await nodes.up('office');
    await nodes.current('office');
    nodes.lan = await new Link(nodes.ports.office).open(); // lobby to office
    await nodes.enrol('lobby', 'office', nodes.lan.port, site.name);
    await nodes.up('lobby');
    await nodes.current('lobby');
    return nodes;
  }
  async enrol(name, upstream, port, site, options = []) {
    const { code } = await foyerJson('enrol-code', '--data', this.data[upstream], '--name', `${name} of the test`, '--kind', name, '--site', site);
    await foyer('enrol', `https://127.0.0.1:${port}`, code, '--data', this.data[name], ...options);
  }
  /** The root's journal into a PostgreSQL of the test's own. */
  async moveLog(options = {}) {
    chmodSync(this.folder, 0o711); // the server is another user's
    this.postgres = await Postgres.start(path.join(this.folder, 'pg'), options);
    await foyer('log', 'move', this.postgres.address, '--data', this.data.root);
  }
  /** Start a daemon and wait until it listens. */
  async up(name) {
    const daemon = this.daemons[name];
    const before = await this.log(name);
    daemon.start();
    await until(`${daemon.name} to listen`, async () => (await this.log(name)).slice(before.length).match(/foyerd\.(listening|quiet)/) || !daemon.running);
    if (!daemon.running) throw new Error(`${daemon.name} ended: ${(await this.log(name)).slice(-2000)}`);
  }
  async log(name) {
    return readFile(path.join(this.folder, `${name}.log`), 'utf8').catch(() => '');
  }
  db(name) { return path.join(this.data[name], 'foyer.db'); }
  rows(name, sql) { return rows(this.db(name), sql); }
  status(name) { return foyerJson('status', '--data', this.data[name]); }
  current(name) {
    return until(`the ${name} to be current`, async () => {
      const status = await this.status(name);
      return status.state === 'current' && status.waiting.transactions === 0;
    }, 60000, 50);
  }
  async digest(name) { return (await foyerJson('digest', '--data', this.data[name])).digest; }
  /** What is wrong with the tablet's rows: '' when each is the office's, in the same version, and everyone who is expected is there. */
  lobbyDiffers() {
    const names = this.rows('office', `SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%foyer_stamp()%'`);
    for (const { name } of names) {
      const at = (node) => this.rows(node, `SELECT lower(hex(id)) AS id, lower(hex(v)) AS v FROM ${name}`);
      const office = new Map(at('office').map(({ id, v }) => [id, v]));
      const other = at('lobby').find(({ id, v }) => office.get(id) !== v);
      if (other) return `${name} ${other.id}`;
    }
    const [{ of }] = this.rows('lobby', `SELECT lower(hex(value)) AS of FROM local WHERE key = 'scope.of'`);
    const [site, from, to] = [of.slice(0, 32), ...[32, 52].map((at) => Buffer.from(of.slice(at, at + 20), 'hex').toString())];
    const expected = (node) => this.rows(node, `SELECT lower(hex(a.id)) AS id, c.given, c.family, c.phone, a.status, a.ticket FROM appointment a
      JOIN client c ON c.id = a.client WHERE a.site = x'${site}' AND a.start_wall >= '${from}' AND a.start_wall < '${to}' AND a.status <> 'cancelled' ORDER BY a.id`);
    return JSON.stringify(expected('lobby')) === JSON.stringify(expected('office')) ? '' : 'who is expected';
  }
  /** Root and office hold the same, and the tablet its part of it; throws when they do not become so in time. */
  async settle(timeoutMs = 60000) {
    let why;
    await until('the replicas to become equal', async () => {
      const [root, office] = await Promise.all(['root', 'office'].map((name) => this.digest(name)));
      why = root === office ? this.lobbyDiffers() : 'root and office';
      return why === '';
    }, timeoutMs, 100).catch((error) => { throw new Error(`${error.message}: ${why}`); });
  }
  async verify() {
    for (const name of ['root', 'office', 'lobby']) await foyer('verify', '--data', this.data[name]);
  }
  async stop({ keep = false } = {}) {
    for (const daemon of Object.values(this.daemons)) await daemon.stop();
    await this.internet?.close();
    await this.lan?.close();
    await this.postgres?.end();
    if (!keep && !process.env.FOYER_KEEP) rmSync(this.folder, { recursive: true, force: true });
  }
}
