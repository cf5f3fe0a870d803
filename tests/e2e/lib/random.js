// Random numbers that SEED repeats.

/** The seed of this run: SEED, or one from the clock. */
export const first = Number(process.env.SEED ?? Date.now() % 1e9) >>> 0;
let seed = first;

/** In [0, 1), by mulberry32. */
export function random() {
  seed = (seed + 0x6d2b79f5) >>> 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

export const pick = (list) => list[Math.floor(random() * list.length)];
