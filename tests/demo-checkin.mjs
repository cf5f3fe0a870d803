// The demo's check-in where there is no display: a person comes to the kiosk under Xvfb, screen by screen, while the internet is away.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { foyerJson, until } from './e2e/lib/practice.js';
import { expectedToday, startXvfb } from './e2e/lib/day.js';
import { Kiosk } from './e2e/lib/kiosk.js';

const [demo] = process.argv.slice(2);
const data = `${demo}/data/lobby`;
const lines = [];
const tell = (line) => { lines.push(line); console.log(line); };

const xvfb = await startXvfb('1280x800');
const kiosk = Kiosk.start({ data, folder: demo, display: xvfb.display });
try {
  await kiosk.connect();
  await kiosk.driver.wait('#welcome.check_in', 20000);
  const [person] = expectedToday(`${data}/foyer.db`);
  if (!person) throw new Error('nobody is expected any more today');
  tell(`${person.given} ${person.family} comes for ${person.time}.`);
  let number = 0;
  await kiosk.checkIn(person, {
    onPage: async (place, nodes) => {
      const name = `${String(++number).padStart(2, '0')}-${place}`;
      await kiosk.driver.shot(`${demo}/${name}.png`);
      tell(`  ${name}.png  ${nodes.find((node) => node.role === 'heading')?.label ?? ''}`);
    },
  });
  tell(`Checked in with ${kiosk.taps} touches besides typing.`);
  for (const node of ['lobby', 'office', 'central']) {
    const seen = await until(`${person.given}'s arrival at the ${node}`, () => execFileSync('sqlite3', ['-readonly', `${demo}/data/${node}/foyer.db`,
      `SELECT status FROM appointment WHERE id = x'${person.appointment}'`], { encoding: 'utf8' }).trim() === 'arrived');
    tell(`The ${node} has it: ${seen}.`);
  }
  const digests = await Promise.all(['office', 'central'].map((node) => foyerJson('digest', '--data', `${demo}/data/${node}`)));
  tell(`The tablet holds its part; digests of the two whole replicas: ${digests.map((d) => d.digest.slice(0, 16)).join(' ')}`);
} finally {
  writeFileSync(`${demo}/transcript.txt`, lines.join('\n') + '\n');
  await kiosk.stop();
  await xvfb.stop();
}
