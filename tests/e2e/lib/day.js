// Who is expected today, and a display to see them on.
import { execFileSync, spawn } from 'node:child_process';

/** Rows of a query, read from a replica's file without writing to it. */
export function rows(file, sql) {
  const out = execFileSync('sqlite3', ['-readonly', '-json', '-cmd', '.timeout 5000', file, sql], { encoding: 'utf8', maxBuffer: 64 << 20 });
  return out.trim() ? JSON.parse(out) : [];
}

/** Booked visits of today at the node's site, those with accents first: {appointment, client, given, family, birthDate, time}. */
export function expectedToday(file, limit = 100) {
  return rows(file, `
    SELECT lower(hex(a.id)) AS appointment, lower(hex(c.id)) AS client, c.given, c.family, c.birth_date AS birthDate, substr(a.start_wall, 12) AS time
    FROM appointment a JOIN client c ON c.id = a.client
    WHERE a.status = 'booked' AND a.site = (SELECT site FROM node WHERE kind = 'lobby' AND site IS NOT NULL LIMIT 1)
      AND substr(a.start_wall, 1, 10) = (SELECT substr(start_wall, 1, 10) FROM appointment WHERE status IN ('arrived', 'roomed') ORDER BY start_wall DESC LIMIT 1)
    ORDER BY c.given || c.family GLOB '*[^ -~]*' DESC, a.start_wall LIMIT ${limit}`);
}

/** An X server of our own on a free display, which stays as it is when a client goes. */
export async function startXvfb(size) {
  const child = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', `${size}x24`, '-nolisten', 'tcp', '-noreset'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const display = await new Promise((done, fail) => {
    child.stdout.once('data', (text) => done(`:${String(text).trim()}`));
    child.once('error', fail);
    child.once('exit', () => fail(new Error('Xvfb ended at once')));
  });
  return { display, stop: () => new Promise((done) => { child.once('exit', done); child.kill(); }) };
}
