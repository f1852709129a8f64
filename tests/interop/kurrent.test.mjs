// The official client of KurrentDB judges the stand-in that the store's tests run against.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import * as kurrent from '@kurrent/kurrentdb-client';
import { eventually } from '../browser/oathbook.mjs';
import { Listener, StandIn } from './kurrent.mjs';

const { ANY, BACKWARDS, END, NO_STREAM, START, STREAM_EXISTS } = kurrent;
const LIMIT = { timeout: 30_000 };

let server;
let client;
before(async () => {
  server = new StandIn();
  client = kurrent.KurrentDBClient.connectionString(await server.address());
}, LIMIT);
after(async () => {
  await client?.dispose();
  await server?.stop();
}, LIMIT);

test('the first event makes a stream that was not there', LIMIT, async () => {
  const stream = newStream();
  const [event] = proposed(1);
  const written = await client.appendToStream(stream, event, { streamState: NO_STREAM });
  assert.equal(written.success, true);
  assert.equal(written.nextExpectedRevision, 0n);

  const [stored, ...more] = await read(stream);
  assert.deepEqual(more, []);
  assert.equal(stored.id, event.id);
  assert.equal(stored.type, event.type);
  assert.equal(stored.streamId, stream);
  assert.equal(stored.revision, 0n);
  assert.deepEqual(stored.position, written.position);
});

test('events of one append have dense revisions and positions that ascend and jump', LIMIT, async () => {
  const stream = newStream();
  await append(stream, 2);
  const events = proposed(5);
  const written = await client.appendToStream(stream, events, { streamState: 1n });
  assert.equal(written.nextExpectedRevision, 6n);

  const stored = await read(stream);
  assert.deepEqual(stored.slice(2).map(({ id }) => id), events.map(({ id }) => id));
  assert.deepEqual(revisions(stored), [0n, 1n, 2n, 3n, 4n, 5n, 6n]);
  assert.deepEqual(stored.at(-1).position, written.position);
  for (const [one, next] of pairs(stored)) assert.ok(next.position.commit > one.position.commit + 1n);
});

for (const streamState of [NO_STREAM, 0n, ANY, STREAM_EXISTS]) {
  test(`the same ids after ${streamState} again are a success and one copy`, LIMIT, async () => {
    const stream = newStream();
    if (streamState !== NO_STREAM) await append(stream, 1);
    const events = proposed(3);
    const first = await client.appendToStream(stream, events, { streamState });
    const before = await read(stream);
    assert.deepEqual(await client.appendToStream(stream, events, { streamState }), first);

    // Not even when the stream went on.
    await append(stream, 1);
    assert.deepEqual(await client.appendToStream(stream, events, { streamState }), first);
    assert.deepEqual((await read(stream)).slice(0, -1), before);
  });
}

test('ids of which only some were stored at this place are a conflict', LIMIT, async () => {
  const stream = newStream();
  const [one, two, three] = proposed(3);
  await client.appendToStream(stream, [one, two], { streamState: NO_STREAM });
  for (const [streamState, expectedState] of [[NO_STREAM, 'no_stream'], [ANY, 'any']]) {
    for (const events of [[one, three], [one, two, three]]) {
      const call = client.appendToStream(stream, events, { streamState });
      await conflicts(call, { streamName: stream, expectedState, actualState: 1n });
    }
  }
  assert.equal((await read(stream)).length, 2);
});

test('a wrong expectation is a conflict that tells what is there', LIMIT, async () => {
  const [missing, stream] = [newStream(), newStream()];
  await append(stream, 3);
  for (const [streamName, expectedState, actualState] of [
    [stream, NO_STREAM, 2n],
    [stream, 1n, 2n],
    [stream, 3n, 2n],
    [missing, 0n, 'no_stream'],
    [missing, STREAM_EXISTS, 'no_stream'],
  ]) {
    const call = client.appendToStream(streamName, proposed(2), { streamState: expectedState });
    await conflicts(call, { streamName, expectedState, actualState });
  }
  assert.equal((await read(stream)).length, 3);
  await assert.rejects(read(missing), kurrent.StreamNotFoundError);
});

test('of those who expect the same revision, one appends', LIMIT, async () => {
  const stream = newStream();
  await append(stream, 1);
  const calls = Array.from({ length: 16 }, () => {
    return client.appendToStream(stream, proposed(2), { streamState: 0n });
  });
  const outcomes = await Promise.allSettled(calls);
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, 15);
  for (const { reason } of refused) {
    assert.ok(reason instanceof kurrent.WrongExpectedVersionError, reason);
  }
  assert.deepEqual(revisions(await read(stream)), [0n, 1n, 2n]);
});

test('a stream is read forwards and backwards, from any revision, as far as wanted', LIMIT, async () => {
  const stream = newStream();
  await append(stream, 5);
  const direction = BACKWARDS;
  for (const [options, expected] of [
    [{}, [0n, 1n, 2n, 3n, 4n]],
    [{ fromRevision: START, maxCount: 2 }, [0n, 1n]],
    [{ fromRevision: 3n }, [3n, 4n]],
    [{ fromRevision: 1n, maxCount: 3 }, [1n, 2n, 3n]],
    [{ fromRevision: 5n }, []],
    [{ fromRevision: 100n, maxCount: 1 }, []],
    [{ direction, fromRevision: END }, [4n, 3n, 2n, 1n, 0n]],
    [{ direction, fromRevision: END, maxCount: 1 }, [4n]],
    [{ direction, fromRevision: 2n, maxCount: 2 }, [2n, 1n]],
    [{ direction, fromRevision: 100n, maxCount: 2 }, [4n, 3n]],
    [{ direction, fromRevision: 0n }, [0n]],
  ]) {
    assert.deepEqual(revisions(await read(stream, options)), expected);
  }
});

test('a stream that is not there is not found, in either direction', LIMIT, async () => {
  const streamName = newStream();
  for (const options of [{}, { fromRevision: 7n }, { direction: BACKWARDS, fromRevision: END }]) {
    await fails(read(streamName, options), kurrent.StreamNotFoundError, { streamName });
  }
});

test('everything is read in the order of positions, which is the order of appends', LIMIT, async () => {
  const [one, two] = [newStream(), newStream()];
  for (const stream of [one, two, one, two]) await append(stream, 2);

  const everything = await readAll();
  for (const [before, after] of pairs(everything)) assert.ok(isBefore(before.position, after.position));
  const ours = everything.filter(({ streamId }) => streamId === one || streamId === two);
  assert.deepEqual(streams(ours), [one, one, two, two, one, one, two, two]);
  assert.deepEqual(revisions(ours), [0n, 1n, 0n, 1n, 2n, 3n, 2n, 3n]);

  const backwards = await readAll({ direction: BACKWARDS, fromPosition: END });
  assert.deepEqual(backwards, everything.toReversed());
  assert.deepEqual(await readAll({ maxCount: 2 }), everything.slice(0, 2));
});

test('everything is filtered by prefixes of streams or types, before it is counted', LIMIT, async () => {
  const [category, other, longer] = [newCategory(), newCategory(), newCategory()];
  const type = `${category}-Renamed`;
  await append(`${category}-1`, 2);
  await append(`${category}${longer}-1`, 1);
  await append(`${other}-1`, 2, type);
  await append(`${longer}-1`, 1, `not-${type}`);
  await append(`${category}-2`, 1);

  const prefixes = [`${category}-`];
  const filter = kurrent.streamNameFilter({ prefixes });
  const found = await readAll({ filter });
  assert.deepEqual(streams(found), [1, 1, 2].map((number) => `${category}-${number}`));
  assert.deepEqual(await readAll({ filter, maxCount: 2 }), found.slice(0, 2));
  const last = { filter, direction: BACKWARDS, fromPosition: END, maxCount: 1 };
  assert.deepEqual(await readAll(last), found.slice(-1));

  const either = kurrent.streamNameFilter({ prefixes: [`${category}-`, `${longer}-`] });
  assert.equal((await readAll({ filter: either })).length, 4);
  const ofType = await readAll({ filter: kurrent.eventTypeFilter({ prefixes }) });
  assert.deepEqual(streams(ofType), [`${other}-1`, `${other}-1`]);
});

test('what the system writes is left out on request', LIMIT, async () => {
  const category = newCategory();
  await append(`${category}-1`, 1);
  await append(`${category}-1`, 1, '$metadata');
  await append(`${category}-1`, 1);
  const found = await readAll({ filter: kurrent.excludeSystemEvents() });
  assert.deepEqual(found.filter(({ type }) => type.startsWith('$')), []);
  assert.deepEqual(revisions(found.filter(({ streamId }) => streamId === `${category}-1`)), [0n, 2n]);
});

test('reading from a position includes it forwards and leaves it out backwards', LIMIT, async () => {
  const category = newCategory();
  const filter = kurrent.streamNameFilter({ prefixes: [`${category}-`] });
  for (const number of [1, 2, 3, 4]) await append(`${category}-${number}`, 1);
  const [one, two, three, four] = await readAll({ filter });
  const fromPosition = three.position;
  assert.deepEqual(await readAll({ filter, fromPosition }), [three, four]);
  assert.deepEqual(await readAll({ fromPosition, maxCount: 1 }), [three]);
  assert.deepEqual(await readAll({ filter, fromPosition, direction: BACKWARDS }), [two, one]);
});

test('nothing is read from a position at which nothing begins', LIMIT, async () => {
  const { position } = await append(newStream(), 1);
  const fromPosition = { commit: position.commit + 1n, prepare: position.prepare + 1n };
  await append(newStream(), 1);
  await assert.rejects(readAll({ fromPosition }), /invalid position/);
});

test('a subscription brings what was there from the start and what comes then', LIMIT, async () => {
  const category = newCategory();
  await append(`${category}-1`, 2);
  await append(`${newCategory()}-1`, 2);
  await append(`${category}-2`, 1);

  const subscription = follow(category, START);
  await subscription.hears('caughtUp', 1);
  await append(`${newCategory()}-1`, 1);
  await append(`${category}-1`, 1);
  await append(`${category}-3`, 2);
  await subscription.hears('event', 6);

  const filter = kurrent.streamNameFilter({ prefixes: [`${category}-`] });
  assert.deepEqual(places(subscription.events()), places(await readAll({ filter })));
  const order = subscription.said.map(({ kind }) => kind).filter((kind) => kind !== 'checkpoint');
  const events = (count) => Array(count).fill('event');
  assert.deepEqual(order, ['confirmation', ...events(3), 'caughtUp', ...events(3)]);
  await subscription.stop();
});

test('a subscription from a position brings what is strictly behind it', LIMIT, async () => {
  const category = newCategory();
  await append(`${category}-1`, 2);
  const { position } = await append(`${category}-2`, 1);
  await append(`${category}-1`, 1);

  const subscription = follow(category, position);
  await subscription.hears('caughtUp', 1);
  await append(`${category}-2`, 1);
  await subscription.hears('event', 2);
  const brought = subscription.events().map(({ streamId, revision }) => [streamId, revision]);
  assert.deepEqual(brought, [[`${category}-1`, 2n], [`${category}-2`, 1n]]);
  await subscription.stop();
});

test('a subscription from the end, or from the last event, brings what comes then', LIMIT, async () => {
  const category = newCategory();
  const { position } = await append(`${category}-1`, 3);
  const unfiltered = new Listener(client.subscribeToAll({ fromPosition: END }));
  const subscriptions = [follow(category, END), follow(category, position), unfiltered];
  for (const subscription of subscriptions) await subscription.hears('caughtUp', 1);
  await append(`${category}-1`, 2);
  for (const subscription of subscriptions) {
    const ours = () => subscription.events().filter(({ streamId }) => streamId === `${category}-1`);
    await eventually('the subscription brings two events', async () => ours().length >= 2);
    assert.deepEqual(revisions(ours()), [3n, 4n]);
    await subscription.stop();
  }
});

test('a subscription tells how far it came although nothing was for it', LIMIT, async () => {
  const { position: last } = await append(newStream(), 128);
  const subscription = follow(newCategory(), START);
  await subscription.hears('caughtUp', 1);
  // A window has 32 events unless another size is wanted, and the last one need not be full.
  const checkpoints = subscription.checkpoints();
  assert.ok(checkpoints.length >= 3, `${checkpoints.length} checkpoints`);
  for (const [one, next] of pairs(checkpoints)) assert.ok(isBefore(one, next));
  const [{ position, date }] = subscription.all('caughtUp');
  assert.deepEqual(position, checkpoints.at(-1));
  assert.ok(isRecent(date));
  const unseen = (await readAll({ fromPosition: position })).slice(1);
  assert.ok(unseen.length <= 32, `${unseen.length} events after the last checkpoint`);

  await append(newStream(), 64);
  await subscription.hears('checkpoint', checkpoints.length + 2);
  assert.ok(isBefore(last, subscription.checkpoints().at(-1)));
  assert.deepEqual(subscription.events(), []);
  await subscription.stop();
});

test('a subscription tells how far it came among events, and when it has caught up', LIMIT, async () => {
  const category = newCategory();
  const { position: start } = await append(newStream(), 1);
  const { position: last } = await append(`${category}-1`, 128);
  const subscription = follow(category, start);
  await subscription.hears('caughtUp', 1);
  const checkpoints = subscription.checkpoints();
  assert.ok(checkpoints.length >= 4, `${checkpoints.length} checkpoints`);
  assert.deepEqual(checkpoints.at(-1), last);
  assert.deepEqual(subscription.all('caughtUp')[0].position, last);

  await append(`${category}-1`, 64);
  await subscription.hears('event', 192);
  await subscription.hears('checkpoint', checkpoints.length + 2);
  keepsOrder(subscription);
  await subscription.stop();
});

test('a subscription misses and repeats nothing while others append', LIMIT, async () => {
  const category = newCategory();
  const total = 800;
  await append(`${category}-0`, 400);
  const subscriptions = [];
  const writers = [1, 2, 3, 4].map(async (writer) => {
    for (let round = 0; round < 50; round++) {
      await append(`${category}-${writer}`, 2);
      if (round % 10 === 0) subscriptions.push(follow(category, START));
    }
  });
  await Promise.all(writers);

  const filter = kurrent.streamNameFilter({ prefixes: [`${category}-`] });
  const expected = places(await readAll({ filter }));
  assert.equal(expected.length, total);
  for (const subscription of subscriptions) {
    await subscription.hears('event', total);
    assert.deepEqual(places(subscription.events()), expected);
    keepsOrder(subscription);
    await subscription.stop();
  }
});

test('a stream is followed from its start, from behind a revision, or from its end', LIMIT, async () => {
  const stream = newStream();
  await append(stream, 3);
  const subscriptions = [];
  for (const [fromRevision, missed] of [[START, 3], [0n, 2], [2n, 0], [END, 0]]) {
    const subscription = new Listener(client.subscribeToStream(stream, { fromRevision }));
    const [{ revision, date }] = await subscription.hears('caughtUp', 1);
    assert.equal(revision, 2n);
    assert.ok(isRecent(date));
    assert.equal(subscription.events().length, missed);
    subscriptions.push([subscription, missed]);
  }
  await append(newStream(), 1);
  await append(stream, 2);
  const stored = await read(stream);
  for (const [subscription, missed] of subscriptions) {
    await subscription.hears('event', missed + 2);
    assert.deepEqual(places(subscription.events()), places(stored.slice(-missed - 2)));
    await subscription.stop();
  }
});

test('a stream that is not there is followed until it is', LIMIT, async () => {
  const stream = newStream();
  const subscription = new Listener(client.subscribeToStream(stream));
  const [{ revision }] = await subscription.hears('caughtUp', 1);
  assert.equal(revision, undefined);
  await append(stream, 2);
  await subscription.hears('event', 2);
  assert.deepEqual(revisions(subscription.events()), [0n, 1n]);
  await subscription.stop();
});

const GOING_ON = { anything: ANY, 'no stream': NO_STREAM, 'its last revision': 2n };
for (const [name, streamState] of Object.entries(GOING_ON)) {
  test(`a deleted stream is not found and goes on for those who expect ${name}`, LIMIT, async () => {
    const streamName = newStream();
    const fromEnd = { direction: BACKWARDS, fromRevision: END };
    const { position } = await append(streamName, 3);
    await client.deleteStream(streamName, { expectedRevision: 2n });
    await fails(read(streamName), kurrent.StreamNotFoundError, { streamName });
    await fails(read(streamName, fromEnd), kurrent.StreamNotFoundError, { streamName });

    const events = proposed(2);
    const written = await client.appendToStream(streamName, events, { streamState });
    assert.equal(written.nextExpectedRevision, 4n);
    assert.deepEqual(revisions(await read(streamName)), [3n, 4n]);
    assert.deepEqual(revisions(await read(streamName, fromEnd)), [4n, 3n]);

    // What was there keeps its place among everything.
    const [deleted] = await readAll({ fromPosition: position, maxCount: 1 });
    assert.deepEqual([deleted.streamId, deleted.revision], [streamName, 2n]);
  });
}

test('a deleted stream is gone for those who expect one, and its old revisions conflict', LIMIT, async () => {
  const streamName = newStream();
  await append(streamName, 3);
  await client.deleteStream(streamName);
  const existing = client.appendToStream(streamName, proposed(1), { streamState: STREAM_EXISTS });
  await fails(existing, kurrent.StreamDeletedError, { streamName });
  const old = client.appendToStream(streamName, proposed(1), { streamState: 1n });
  await conflicts(old, { streamName, expectedState: 1n, actualState: 2n });
});

test('a tombstone ends a stream for ever', LIMIT, async () => {
  const streamName = newStream();
  await append(streamName, 3);
  await client.tombstoneStream(streamName, { expectedRevision: 2n });
  for (const call of [
    () => read(streamName),
    () => read(streamName, { direction: BACKWARDS, fromRevision: END }),
    ...[ANY, NO_STREAM, STREAM_EXISTS, 2n].map((streamState) => {
      return () => client.appendToStream(streamName, proposed(1), { streamState });
    }),
    () => client.deleteStream(streamName),
    () => client.tombstoneStream(streamName),
  ]) {
    await fails(call(), kurrent.StreamDeletedError, { streamName });
  }
  const subscription = new Listener(client.subscribeToStream(streamName));
  const failure = await subscription.fails();
  assert.ok(failure instanceof kurrent.StreamDeletedError, failure);
});

test('a stream is not removed when another revision was expected', LIMIT, async () => {
  const streamName = newStream();
  await append(streamName, 3);
  for (const remove of ['deleteStream', 'tombstoneStream']) {
    const call = client[remove](streamName, { expectedRevision: 1n });
    await conflicts(call, { streamName, expectedState: 1n, actualState: 2n });
  }
  assert.equal((await read(streamName)).length, 3);
});

test('deletions and tombstones have a place among everything', LIMIT, async () => {
  const category = newCategory();
  const [deleted, ended] = [`${category}-1`, `${category}-2`];
  for (const stream of [deleted, ended]) await append(stream, 1);
  for (const [remove, stream, streamId, type] of [
    ['deleteStream', deleted, `$$${deleted}`, '$metadata'],
    ['tombstoneStream', ended, ended, '$streamDeleted'],
  ]) {
    const { position: fromPosition } = await client[remove](stream);
    assert.ok(fromPosition, `${remove} tells no position`);
    const [record] = await readAll({ fromPosition, maxCount: 1 });
    assert.deepEqual([record.streamId, record.type], [streamId, type]);
  }
});

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const TEXT = 'Grüße, 世界 🙂 \u0000 "\\';
const DEEP = { text: TEXT, numbers: [0, -1, 1e21, 0.1], inside: { nothing: null, is: [{}] } };
const EVENTS = {
  'every byte': kurrent.binaryEvent({ type: 'Seen', data: EVERY_BYTE, metadata: EVERY_BYTE }),
  much: kurrent.binaryEvent({ type: 'Seen', data: randomBytes(900_000), metadata: randomBytes(16_000) }),
  nothing: kurrent.binaryEvent({ type: 'Seen', data: new Uint8Array() }),
  JSON: kurrent.jsonEvent({ type: TEXT, data: DEEP, metadata: { $correlationId: TEXT, ...DEEP } }),
};

for (const [name, event] of Object.entries(EVENTS)) {
  test(`${name} comes back byte for byte, with a recent time`, LIMIT, async () => {
    const stream = newStream();
    const { position } = await client.appendToStream(stream, event, { streamState: NO_STREAM });
    const subscription = new Listener(client.subscribeToStream(stream));
    const [followed] = await subscription.hears('event', 1);
    await subscription.stop();
    const [stored] = await read(stream);
    const [among] = await readAll({ fromPosition: position, maxCount: 1 });
    for (const recorded of [stored, among, followed]) {
      assert.equal(recorded.id, event.id);
      assert.equal(recorded.type, event.type);
      assert.equal(recorded.isJson, event.contentType === 'application/json');
      assert.deepEqual(bytes(recorded.data), bytes(event.data));
      assert.deepEqual(bytes(recorded.metadata), bytes(event.metadata));
      assert.deepEqual(recorded.position, position);
      assert.ok(isRecent(recorded.created), recorded.created);
    }
    // This client cuts milliseconds off what it reads.
    assert.equal(Math.trunc(followed.created / 1000), Math.trunc(stored.created / 1000));
  });
}

/** Everything behind a position that belongs to a category. */
function follow(category, fromPosition) {
  const said = [];
  const checkpointReached = async (_, position) => {
    said.push({ kind: 'checkpoint', position });
  };
  const filter = kurrent.streamNameFilter({ prefixes: [`${category}-`], checkpointReached });
  return new Listener(client.subscribeToAll({ fromPosition, filter }), said);
}

function newCategory() {
  return randomUUID().replaceAll('-', '');
}

function newStream() {
  return `${newCategory()}-1`;
}

function proposed(count, type = 'Noted') {
  return Array.from({ length: count }, (_, number) => kurrent.jsonEvent({ type, data: { number } }));
}

function append(stream, count, type) {
  return client.appendToStream(stream, proposed(count, type));
}

function read(stream, options) {
  return recorded(client.readStream(stream, options));
}

function readAll(options) {
  return recorded(client.readAll(options));
}

async function recorded(found) {
  const events = [];
  for await (const { event } of found) events.push(event);
  return events;
}

function conflicts(call, properties) {
  return fails(call, kurrent.WrongExpectedVersionError, properties);
}

async function fails(call, kind, properties) {
  await assert.rejects(call, (error) => {
    if (!(error instanceof kind)) throw error;
    for (const [name, value] of Object.entries(properties)) assert.equal(error[name], value, name);
    return true;
  });
}

/** Whoever keeps any of the positions that a subscription tells must not miss what it brings next. */
function keepsOrder(subscription) {
  const said = subscription.said.filter(({ position }) => position);
  for (const [{ position: known }, { kind, position }] of pairs(said)) {
    const follows = kind === 'event' ? isBefore(known, position) : !isBefore(position, known);
    assert.ok(follows, `${kind} at ${position.commit} after ${known.commit}`);
  }
}

function revisions(events) {
  return events.map(({ revision }) => revision);
}

function streams(events) {
  return events.map(({ streamId }) => streamId);
}

/** Of each event what the two ways to read it must agree on. */
function places(events) {
  return events.map(({ id, streamId, revision, position }) => ({ id, streamId, revision, position }));
}

function pairs(list) {
  return list.slice(1).map((next, index) => [list[index], next]);
}

function isBefore(one, other) {
  return one.commit < other.commit || (one.commit === other.commit && one.prepare < other.prepare);
}

/** Bytes, or the text of JSON, as they are sent. */
function bytes(content) {
  if (content === undefined) return Buffer.alloc(0);
  return content instanceof Uint8Array ? Buffer.from(content) : Buffer.from(JSON.stringify(content));
}

function isRecent(date) {
  return Math.abs(Date.now() - date) < 60_000;
}
