// Staff at a desk without a browser: the API, over one connection at a time.
import https from 'node:https';

export class Desk {
  constructor(port) {
    Object.assign(this, { port, cookie: '', guard: '' });
  }
  /** One request; resolves to { status, data }. Rejects when the line breaks or nothing comes for 20 s. */
  call(method, path, body) {
    return new Promise((done, fail) => {
      const text = body ? JSON.stringify(body) : '';
      const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
      if (this.cookie) Object.assign(headers, { Cookie: this.cookie, 'X-Foyer-Guard': this.guard });
      const request = https.request({ host: '127.0.0.1', port: this.port, method, path, headers, rejectUnauthorized: false, agent: false, timeout: 20000 }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('error', fail);
        response.on('end', () => {
          const [cookie] = response.headers['set-cookie'] ?? [];
          if (cookie) this.cookie = cookie.split(';')[0];
          try {
            done({ status: response.statusCode, data: parts.length ? JSON.parse(Buffer.concat(parts)) : null });
          } catch (error) { fail(error); }
        });
      });
      request.on('timeout', () => request.destroy(new Error('nothing came for 20 s')));
      request.on('error', fail);
      request.end(text);
    });
  }
  async signIn(username, password) {
    const { status, data } = await this.call('POST', '/api/session', { username, password });
    if (status !== 200) throw new Error(`signing in: ${status}`);
    this.guard = data.guard;
    this.sites = data.sites;
    return this;
  }
}
