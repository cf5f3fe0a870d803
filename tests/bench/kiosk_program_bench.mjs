// The real kiosk under X11 at 1920x1080 with 20,000 clients stored: start, touch to frame, idle, memory.
import { readFileSync } from 'node:fs';
import { sleep } from '../e2e/lib/practice.js';
import { Nodes } from '../e2e/lib/nodes.js';
import { startXvfb } from '../e2e/lib/day.js';
import { Kiosk } from '../e2e/lib/kiosk.js';

const CLIENTS = 20000, STARTS = 7, TOUCHES = 400, IDLE_S = 20;
const at = (list, q) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))];
const stats = async (kiosk) => Object.fromEntries((await kiosk.driver.send('stats')).trim().split('\n').map((line) => line.split('=')));

const nodes = await Nodes.start({ clients: CLIENTS });
const { folder } = nodes;
const xvfb = await startXvfb('1920x1080');
let kiosk;
try {
  const starts = [];
  for (let i = 0; i < STARTS; i++) {
    await kiosk?.stop();
    const began = performance.now();
    kiosk = Kiosk.start({ data: nodes.data.lobby, folder, name: `kiosk${i}`, display: xvfb.display, size: '1920x1080' });
    await kiosk.connect(2);
    await kiosk.driver.wait('#welcome.check_in', 10000);
    starts.push(performance.now() - began);
  }
  console.log(`start to first screen, ${CLIENTS} clients stored   median ${at(starts, 0.5).toFixed(0)} ms, highest ${Math.max(...starts).toFixed(0)} ms (aim 300; spawn and the driver's answer included)`);

  await kiosk.driver.tap('#welcome.check_in');
  const frames = [];
  for (let i = 0; i < TOUCHES; i++) {
    // A digit, its removal, another screen, back: what people do.
    const what = i % 20 === 18 ? '#birth.back' : i % 20 === 19 ? '#welcome.check_in' : i % 2 ? 'Delete letter' : String(1 + (i % 9));
    await kiosk.driver.tap(what);
    frames.push(Number((await stats(kiosk)).last_frame_us) / 1000);
  }
  console.log(`touch to finished frame, ${TOUCHES} touches           p50 ${at(frames, 0.5).toFixed(2)} ms, p99 ${at(frames, 0.99).toFixed(2)} ms (aim 16)`);

  const { pid } = kiosk.daemon.child;
  const ticks = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((a, b) => a + Number(b), 0);
  await kiosk.driver.tap('#birth.back');
  await sleep(3000);
  const before = await stats(kiosk), t0 = ticks();
  await sleep(IDLE_S * 1000);
  const used = (ticks() - t0) / 100 / IDLE_S, after = await stats(kiosk);
  console.log(`idle for ${IDLE_S} s                                 ${after.frames - before.frames} frames, ${(used * 100).toFixed(2)}% of a core (aim 0 and 0.1)`);
  console.log(`memory, highest                                ${(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024).toFixed(1)} MB (aim 64)`);
} finally {
  await kiosk?.stop();
  await xvfb.stop();
  await nodes.stop();
}
