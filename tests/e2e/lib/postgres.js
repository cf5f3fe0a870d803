// PostgreSQL for a test: a server, if need be with a replica, in a folder of the test's (tests/support/postgres).
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { existsSync, path, top } from './practice.js';

const run = promisify(execFile);
export const there = existsSync('/usr/lib/postgresql/15/bin/initdb');

export class Postgres {
  static async start(folder, { replica = null } = {}) {
    const postgres = new Postgres();
    postgres.folder = folder;
    await postgres.do('start');
    if (replica) await postgres.do('replica', replica);
    postgres.address = (await postgres.do('address')).trim();
    return postgres;
  }
  async do(verb, ...rest) {
    const { stdout } = await run(path.join(top, 'tests/support/postgres'), [verb, this.folder, ...rest], { maxBuffer: 16 << 20 });
    return stdout;
  }
  sql(server, text) { return this.do('sql', server, text); }
  end() { return this.do('end'); }
}
