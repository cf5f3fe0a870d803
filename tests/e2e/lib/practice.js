// A whole practice of real processes on loopback: root, office and lobby daemons, the kiosk under Xvfb, and ways to cut, kill and look.
// Every process is started here and ended by its own handle; folders live under build/tmp and go away on success.
import { spawn, execFile } from 'node:child_process';
import { mkdtemp, mkdir, rm, readFile, readdir } from 'node:fs/promises';
import { existsSync, createWriteStream } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

const run = promisify(execFile);
export const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const build = path.join(top, process.env.FOYER_BUILD ?? 'build/release');
export const bin = (name) => path.join(build, 'bin', name);
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Wait until `probe` returns something truthy; the error tells `what` was waited for. */
export async function until(what, probe, timeoutMs = 20000, stepMs = 20) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    await sleep(stepMs);
  }
}

/** Run the command line; returns its stdout. Throws with stderr when it fails. */
export async function foyer(...args) {
  try {
    const { stdout } = await run(bin('foyer'), args, { maxBuffer: 64 << 20, env: process.env });
    return stdout;
  } catch (error) {
    throw Object.assign(new Error(`foyer ${args.join(' ')}: ${error.stderr || error.message}${error.stdout ?? ''}`), { code: error.code, stderr: error.stderr, stdout: error.stdout });
  }
}
export const foyerJson = async (...args) => JSON.parse(await foyer(...args, '--json'));

export async function freePort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** A process that can be killed at any instant and started again with the same arguments. */
export class Daemon {
  constructor(name, command, args, logPath, env = {}) {
    Object.assign(this, { name, command, args, logPath, env, child: null });
  }
  start() {
    const log = createWriteStream(this.logPath, { flags: 'a' });
    this.child = spawn(this.command, this.args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...this.env } });
    this.child.stdout.pipe(log);
    this.child.stderr.pipe(log);
    this.exited = new Promise((done) => this.child.once('exit', (code, signal) => done({ code, signal })));
    return this;
  }
  get running() {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }
  async kill(signal = 'SIGKILL') {
    if (!this.running) return;
    this.child.kill(signal);
    await this.exited;
  }
  async stop() {
    await this.kill('SIGTERM');
  }
}

/** A line that can be cut between a downstream and its upstream: a TCP relay on loopback. */
export class Link {
  constructor(targetPort) {
    this.targetPort = targetPort;
    this.sockets = new Set();
    this.up = true;
    this.budget = Infinity; // bytes that still pass before the line is cut
  }
  async open() {
    this.server = net.createServer((near) => {
      if (!this.up) return near.destroy();
      const far = net.connect(this.targetPort, '127.0.0.1');
      for (const [a, b] of [[near, far], [far, near]]) {
        this.sockets.add(a);
        a.on('data', (data) => {
          this.budget -= data.length;
          if (this.budget < 0) this.cut();
          else b.write(data);
        });
        a.on('error', () => {});
        a.on('close', () => { this.sockets.delete(a); b.destroy(); });
      }
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.port = this.server.address().port;
    return this;
  }
  cut() {
    this.up = false;
    for (const socket of this.sockets) socket.destroy();
  }
  restore() {
    this.budget = Infinity;
    this.up = true;
  }
  async close() {
    this.cut();
    await new Promise((done) => this.server.close(done));
  }
}

/** The kiosk's driver socket: one command a line, answered by its output and "ok" or "error ...". */
export class Driver {
  static async connect(socketPath, stepMs = 20) {
    const driver = new Driver();
    driver.socket = await until(`the kiosk's driver at ${socketPath}`, () => new Promise((done) => {
      const socket = net.connect(socketPath);
      socket.once('connect', () => done(socket));
      socket.once('error', () => done(null));
    }), 20000, stepMs);
    driver.buffer = '';
    driver.waiting = [];
    driver.socket.setEncoding('utf8');
    driver.socket.on('data', (text) => driver.#take(text));
    driver.socket.on('error', () => {});
    driver.socket.on('close', () => { for (const w of driver.waiting.splice(0)) w.fail(new Error('the kiosk went away')); });
    return driver;
  }
  #take(text) {
    this.buffer += text;
    for (;;) {
      const match = /^(ok|error[^\n]*)\n/m.exec(this.buffer);
      if (!match) return;
      const output = this.buffer.slice(0, match.index);
      this.buffer = this.buffer.slice(match.index + match[0].length);
      const { done, fail, line } = this.waiting.shift();
      if (match[1] === 'ok') done(output);
      else fail(new Error(`kiosk: ${line}: ${match[1]}\n${output}`));
    }
  }
  send(line) {
    return new Promise((done, fail) => {
      this.waiting.push({ done, fail, line });
      this.socket.write(line + '\n');
    });
  }
  tap(what) { return this.send(`tap ${JSON.stringify(what)}`); }
  wait(what, ms = 10000) { return this.send(`wait ${JSON.stringify(what)} ${ms}`); }
  type(text) { return this.send(`type ${JSON.stringify(text)}`); }
  scan(text) { return this.send(`scan ${JSON.stringify(text)}`); }
  tree() { return this.send('tree'); }
  shot(file) { return this.send(`shot ${file}`); }
  close() { this.socket.destroy(); }
}

export { run, mkdtemp, mkdir, rm, readFile, readdir, existsSync, path };
