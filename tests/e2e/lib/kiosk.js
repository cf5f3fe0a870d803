// A person at the kiosk: reads the accessibility tree and does what each screen asks, with synthetic fingers.
import { Daemon, Driver, bin, sleep } from './practice.js';

/** Nodes of the tree as {depth, role, id, label, value, flags}. */
export function parseTree(text) {
  return text.split('\n').filter(Boolean).map((line) => {
    const [, indent, role, rest] = /^( *)(\S+)(.*)$/.exec(line);
    return {
      depth: indent.length / 2,
      role,
      id: /(?:^| )#(\S+)/.exec(rest)?.[1] ?? '',
      label: /"((?:[^"\\]|\\.)*)"/.exec(rest)?.[1] ?? '',
      value: /value="((?:[^"\\]|\\.)*)"/.exec(rest)?.[1] ?? '',
      hint: /hint="((?:[^"\\]|\\.)*)"/.exec(rest)?.[1] ?? '',
      invalid: / invalid/.test(rest),
      disabled: / disabled/.test(rest),
      checked: / checked/.test(rest),
      focused: / focused/.test(rest),
    };
  });
}

export class Kiosk {
  constructor(daemon, socketPath) {
    Object.assign(this, { daemon, socketPath, driver: null, taps: 0 });
  }
  static start({ data, folder, name = 'kiosk', display, size = '1280x800', language }) {
    const socketPath = `${folder}/${name}.sock`;
    const args = ['--data', data, '--size', size, '--driver', `unix:${socketPath}`];
    if (language) args.push('--language', language);
    const env = display ? { DISPLAY: display, SDL_VIDEODRIVER: 'x11' } : { SDL_VIDEODRIVER: 'dummy' };
    return new Kiosk(new Daemon(name, bin('foyer-kiosk'), args, `${folder}/${name}.log`, env).start(), socketPath);
  }
  async connect(stepMs) {
    this.driver?.close();
    this.driver = await Driver.connect(this.socketPath, stepMs);
    return this;
  }
  async kill() {
    await this.daemon.kill();
    this.driver?.close();
    this.driver = null;
  }
  async stop() {
    await this.daemon.stop();
    this.driver?.close();
  }
  async tree() { return parseTree(await this.driver.tree()); }
  async page() {
    const nodes = await this.tree();
    const dialog = nodes.find((node) => node.role === 'dialog');
    return { nodes, place: dialog?.id ?? nodes.find((node) => node.role === 'page')?.id ?? '' };
  }
  async tap(what) {
    this.taps++;
    await this.driver.tap(what);
  }
  /** Put text into a field that may hold some already. */
  async fill(id, text) {
    await this.driver.tap(`#${id}`);
    for (let i = 0; i < 64; i++) {
      const node = (await this.tree()).find((n) => n.id === id);
      if (!node?.value) break;
      await this.driver.send('key Backspace');
    }
    await this.driver.type(text);
  }

  /** From the welcome screen to the end of a check-in of `person` {given, family, birthDate, time}; returns the places that were passed. */
  async checkIn(person, { until: last = 'done', onPage } = {}) {
    const passed = [];
    for (let turn = 0; turn < 200; turn++) {
      const { nodes, place } = await this.page();
      if (passed.at(-1) !== place) {
        passed.push(place);
        await onPage?.(place, nodes);
      }
      if (place === last || place === 'here') return passed;
      await this.act(place, nodes, person);
    }
    throw new Error(`the check-in does not end: ${passed.join(' > ')}`);
  }

  async act(place, nodes, person) {
    const has = (id) => nodes.some((node) => node.id === id);
    const primary = async () => this.tap(`#${place}.primary`);
    switch (place) {
      case 'welcome':
        return this.tap('#welcome.check_in');
      case 'birth': {
        const [year, month, day] = person.birthDate.split('-');
        await this.fill('birth.date.month', month);
        await this.fill('birth.date.day', day);
        await this.fill('birth.date.year', year);
        return primary();
      }
      case 'name':
        await this.fill('name.given', person.given);
        await this.fill('name.family', person.family);
        return primary();
      case 'time': {
        const [hour, minute] = person.time.split(':').map(Number);
        await this.fill('time.hour', String(hour % 12 || 12));
        await this.fill('time.minute', String(minute).padStart(2, '0'));
        await this.tap(hour < 12 ? '#time.am' : '#time.pm');
        return primary();
      }
      case 'signer': // a minor's guardian signs
        if (has('signer.name')) await this.fill('signer.name', 'Gia Guardian');
        return primary();
      case 'read':
        await this.driver.send('read "#read.text"');
        return primary();
      case 'sign':
        await this.driver.send('sign "#sign.pad"');
        return primary();
      case 'question':
        await this.answer(nodes);
        return primary();
      case 'coverage':
        if (has('coverage.none')) return this.tap('#coverage.none');
        return primary();
      case 'unknown':
      case 'throttled':
      case 'failed':
      case 'unavailable':
        throw new Error(`the kiosk says "${place}": ${nodes.map((node) => node.label).filter(Boolean).join(' | ')}`);
      case '':
      case 'busy':
        return sleep(20);
      default:
        return primary();
    }
  }

  /** Any answer that the question takes. */
  async answer(nodes) {
    const choice = nodes.find((node) => ['radio', 'checkbox'].includes(node.role) && !node.disabled);
    if (choice) {
      if (!nodes.some((node) => ['radio', 'checkbox'].includes(node.role) && node.checked)) await this.tap(`#${choice.id}`);
      return;
    }
    for (const field of nodes.filter((node) => node.role === 'textbox')) {
      if (field.value && !field.invalid) continue;
      const wanted = field.invalid ? /\d+/.exec(field.hint)?.[0] : undefined; // "Please enter 20 or more."
      await this.fill(field.id, field.id.endsWith('.year') ? '2020' : (wanted ?? '2'));
    }
  }
}
