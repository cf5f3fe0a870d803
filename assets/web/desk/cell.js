// A value that components watch.
import { useState, useEffect } from '../vendor/hooks.js';

export class Cell {
  #value;
  #watchers = new Set();
  constructor(value) { this.#value = value; }
  get value() { return this.#value; }
  set value(next) {
    if (Object.is(next, this.#value)) return;
    this.#value = next;
    for (const watcher of [...this.#watchers]) watcher(next);
  }
  watch(watcher) {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/** The cell's value; the component draws again when it changes. */
export function useCell(cell) {
  const [value, set] = useState(cell.value);
  useEffect(() => {
    set(cell.value);
    return cell.watch((next) => set(() => next));
  }, [cell]);
  return value;
}
