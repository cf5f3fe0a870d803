// The JSON API (sync/web/API.md): every answer is data or an ApiError whose key is a sentence for people.
import { Cell } from './cell.js';

export class ApiError extends Error {
  constructor(status, body) {
    super(body.error ?? 'error.peer');
    this.status = status;
    this.key = body.error ?? 'error.peer';
    this.body = body;
  }
  /** i18n key of what is wrong with a field; undefined when nothing is. */
  fault(field) { return this.body.faults?.find((f) => f.field === field)?.key; }
}

/** Can this computer reach the office's Foyer? Not whether the internet is there. */
export const reachable = new Cell(true);

let guard = '';
let whenSignedOut = () => {};
export function useGuard(token, signedOut) {
  guard = token;
  whenSignedOut = signedOut;
}

const TIMEOUT_MS = 15000;

export async function call(method, path, body, { signal, timeoutMs = TIMEOUT_MS } = {}) {
  const headers = {};
  if (method !== 'GET') {
    headers['Content-Type'] = 'application/json';
    if (guard) headers['X-Foyer-Guard'] = guard;
  }
  const limit = AbortSignal.timeout(timeoutMs);
  let response, data;
  try {
    response = await fetch(path, {
      method, headers,
      body: method === 'GET' ? undefined : JSON.stringify(body ?? {}),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      credentials: 'same-origin', cache: 'no-store', redirect: 'error',
    });
    data = await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    reachable.value = false;
    throw new ApiError(0, { error: 'desk.error.unreachable' });
  }
  reachable.value = true;
  if (response.ok) return data;
  const error = new ApiError(response.status, data);
  if (response.status === 401 && guard) whenSignedOut('expired');
  throw error;
}

export const get = (path, options) => call('GET', path, undefined, options);
export const post = (path, body) => call('POST', path, body);
export const put = (path, body) => call('PUT', path, body);
