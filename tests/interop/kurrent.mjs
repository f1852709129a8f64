// A stand-in for KurrentDB in a process of its own, and what a subscription to it says.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '../browser/oathbook.mjs';

const DIRECTORY = process.env.OATHBOOK_BIN
  ? dirname(resolve(process.env.OATHBOOK_BIN))
  : join(import.meta.dirname, '../../target/debug');

export class StandIn {
  #process;
  #said = '';

  constructor() {
    this.#process = spawn(join(DIRECTORY, 'kurrent-stand-in'), { stdio: 'pipe' });
    this.#process.on('error', (error) => (this.#said += error.message));
    this.#process.stderr.on('data', (text) => (this.#said += text));
  }

  async address() {
    for await (const line of createInterface({ input: this.#process.stdout })) {
      this.#process.stdout.resume();
      return line;
    }
    throw new Error(`the stand-in ended before it said where it listens:\n${this.#said}`);
  }

  /** It ends with its standard input. */
  async stop() {
    if (this.#process.exitCode !== null) throw new Error(`the stand-in ended:\n${this.#said}`);
    const exit = once(this.#process, 'exit', { signal: AbortSignal.timeout(10_000) });
    this.#process.stdin.end();
    const [code] = await exit.catch((timeout) => {
      this.#process.kill('SIGKILL');
      throw new Error(`the stand-in did not end:\n${this.#said}`, { cause: timeout });
    });
    assert.equal(code, 0, this.#said);
    // A test that made a thread of it panic proves nothing.
    assert.equal(this.#said, '');
  }
}

/** What a subscription says, in the order in which it says it. */
export class Listener {
  #subscription;
  #ended;

  constructor(subscription, said = []) {
    this.#subscription = subscription;
    this.#ended = once(subscription, 'end');
    this.#ended.catch(() => {});
    this.said = said;
    subscription.on('confirmation', () => said.push({ kind: 'confirmation' }));
    subscription.on('data', ({ event }) => said.push({ kind: 'event', ...event }));
    subscription.on('caughtUp', (caughtUp) => said.push({ kind: 'caughtUp', ...caughtUp }));
    subscription.on('error', (error) => (this.failure ??= error));
  }

  all(kind) {
    return this.said.filter((it) => it.kind === kind);
  }

  events() {
    return this.all('event');
  }

  checkpoints() {
    return this.all('checkpoint').map(({ position }) => position);
  }

  /** Waits for so many; more of them are too many, except checkpoints. */
  async hears(kind, count) {
    await eventually(`the subscription says ${count} × ${kind}`, async () => {
      if (this.failure) throw this.failure;
      return this.all(kind).length >= count;
    });
    const heard = this.all(kind);
    if (kind !== 'checkpoint') assert.equal(heard.length, count);
    return heard;
  }

  /** Waits for the error that ends it. */
  async fails() {
    await eventually('the subscription fails', async () => this.failure);
    return this.failure;
  }

  async stop() {
    await this.hears('caughtUp', 1);
    await this.#subscription.unsubscribe();
    await this.#ended;
    assert.equal(this.failure, undefined);
    assert.equal(this.all('confirmation').length, 1);
  }
}
