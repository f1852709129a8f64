// A real Oathbook in an empty directory: the binary, its command line and its token endpoint.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const BINARY = process.env.OATHBOOK_BIN
  ? resolve(process.env.OATHBOOK_BIN)
  : join(import.meta.dirname, '../../target/debug/oathbook');

// The binary reads OATHBOOK_… as configuration and refuses what it does not know.
const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('OATHBOOK_')),
);

/** Starts `oathbook quickstart` on a free port; it has one organization and one administrator. */
export async function quickstart() {
  const directory = await mkdtemp(join(tmpdir(), 'oathbook-'));
  const server = new Server(directory, ['quickstart', '--listen', '127.0.0.1:0', '--json']);
  return new Oathbook(directory, server, JSON.parse(await server.firstLine()));
}

class Oathbook {
  constructor(directory, server, { url, username, password, organization_id: organization }) {
    Object.assign(this, { directory, server, url, username, password, organization });
  }

  /** Runs one command beside the running server and answers what it printed. */
  async run(...args) {
    const options = { cwd: this.directory, env: ENVIRONMENT };
    const { stdout } = await promisify(execFile)(BINARY, args, options);
    return stdout;
  }

  /** Somebody in the organization, with a password to sign in with. */
  async createUser(name, role = 'member', organization = this.organization) {
    const place = ['--organization', organization, '--role', role];
    const person = ['--email', `${name.toLowerCase()}@acme.test`, '--display-name', `${name} Muster`];
    const args = ['users', 'create', name.toLowerCase(), ...person, ...place, '--json'];
    return { username: name.toLowerCase(), password: JSON.parse(await this.run(...args)).password };
  }

  async createOrganization(name) {
    return JSON.parse(await this.run('organizations', 'create', name, '--json')).id;
  }

  async createApplication(name, owner = this.username, scopes = [], organization = this.organization) {
    const place = ['--owner', owner, '--organization', organization];
    const scope = scopes.flatMap((scope) => ['--scope', scope]);
    const args = ['applications', 'create', ...place, '--name', name, ...scope, '--json'];
    const { id, client_id: clientId, client_secret: clientSecret } = JSON.parse(await this.run(...args));
    return { id, clientId, clientSecret };
  }

  async applicationNamed(name) {
    const applications = JSON.parse(await this.run('applications', 'list', '--json'));
    return applications.find((application) => application.name === name);
  }

  /** An application that got a token: the server learns of it a moment after the command line made it. */
  async createUsedApplication(name, scopes = []) {
    const application = await this.createApplication(name, this.username, scopes);
    await eventually('the server knows the application', async () => {
      return (await this.requestToken(application)).status === 200;
    });
    return application;
  }

  /** A view of the grid, saved by somebody who signs in for that. */
  async saveView(account, name, query, flags = {}) {
    await this.submit(account, '/applications/views/new', '/applications/views', { name, query, ...flags });
  }

  /** A notification rule, made by the administrator. */
  async createRule(fields) {
    await this.submit(this, '/emails/rules/new', '/emails/rules/new', fields);
  }

  /** Somebody signs in, loads a form and sends it, without a browser. */
  async submit({ username, password }, form, path, fields) {
    const jar = new Map();
    const send = async (path, body) => {
      const headers = { cookie: [...jar].map((pair) => pair.join('=')).join('; ') };
      const method = body ? 'POST' : 'GET';
      const response = await fetch(this.url + path, { method, headers, body, redirect: 'manual' });
      for (const cookie of response.headers.getSetCookie()) {
        const [, key, value] = /^([^=]+)=([^;]*)/.exec(cookie);
        jar.set(key, value);
      }
      const text = await response.text();
      return { status: response.status, csrf: /name="csrf" value="([^"]+)"/.exec(text)?.[1] };
    };
    const { csrf } = await send('/sign-in');
    await send('/sign-in', new URLSearchParams({ csrf, user_name: username, password, next: '/me' }));
    const { csrf: token } = await send(form);
    const { status } = await send(path, new URLSearchParams({ csrf: token, ...fields }));
    if (status !== 303) throw new Error(`${path} was not accepted: ${status}`);
  }

  /** The letters so far in which the address stands, the oldest first. */
  async lettersTo(address) {
    const folder = join(this.directory, 'var/mail');
    const names = await readdir(folder).catch(() => []);
    const letters = await Promise.all(names.sort().map((name) => readFile(join(folder, name), 'utf8')));
    // Quoted-printable breaks lines anywhere, and writes = as =3D.
    const texts = letters.map((letter) => letter.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '='));
    return texts.filter((text) => text.includes(address));
  }

  /** The link in the latest letter to that address, once there is one. */
  async invitationFor(address) {
    let link;
    await eventually(`a letter to ${address} arrives`, async () => {
      link = (await this.lettersTo(address)).at(-1)?.match(/https?:\S+\/invitation\/[\w-]{96}/)?.[0];
      return link !== undefined;
    });
    return link;
  }

  /** What a third party gets for its credentials. */
  async requestToken({ clientId, clientSecret }) {
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    const response = await fetch(`${this.url}/oauth2-token`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    return { status: response.status, body: await response.json() };
  }

  /** The same installation served again, after `change` was made to its files. */
  async restart(change) {
    await this.server.stop();
    await change(this.directory);
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    this.server = new Server(this.directory, ['serve', '--listen', `127.0.0.1:${port}`]);
    await eventually('the server answers', async () => {
      this.server.check();
      return (await fetch(`${this.url}/livez`)).ok;
    });
  }

  async stop() {
    await this.server.stop();
    await rm(this.directory, { recursive: true });
  }
}

class Server {
  #process;
  #said = '';

  constructor(directory, args) {
    this.#process = spawn(BINARY, args, {
      cwd: directory,
      env: ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.on('error', (error) => (this.#said += error.message));
    this.#process.stderr.on('data', (text) => (this.#said += text));
  }

  async firstLine() {
    for await (const line of createInterface({ input: this.#process.stdout })) {
      this.#process.stdout.resume();
      return line;
    }
    throw new Error(`the server ended before it said where it listens:\n${this.#said}`);
  }

  check() {
    if (this.#process.exitCode !== null) throw new Error(`the server ended:\n${this.#said}`);
  }

  async stop() {
    this.check();
    const exit = once(this.#process, 'exit', { signal: AbortSignal.timeout(20_000) });
    this.#process.kill('SIGTERM');
    const [code] = await exit.catch((timeout) => {
      this.#process.kill('SIGKILL');
      throw new Error(`the server did not stop:\n${this.#said}`, { cause: timeout });
    });
    if (code !== 0) throw new Error(`the server stopped with ${code}:\n${this.#said}`);
  }
}

/** Asks again until the answer is true; fails with `what` and the last error after ten seconds. */
export async function eventually(what, condition, milliseconds = 10_000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const failure = await condition().then(
      (met) => (met ? null : new Error(`not yet: ${what}`)),
      (error) => error,
    );
    if (!failure) return;
    if (Date.now() > end) throw new Error(`not in time: ${what}`, { cause: failure });
    await new Promise((next) => setTimeout(next, 50));
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await promisify(server.close.bind(server))();
  return port;
}
