// An independent JSON:API client lists, filters, creates, updates and deletes applications.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Kitsu from 'kitsu';
import { quickstart } from '../browser/oathbook.mjs';

const SCOPES = ['applications:read', 'applications:write', 'users:read', 'organizations:read'];

let oathbook;
let api;
before(async () => {
  oathbook = await quickstart();
  const application = await oathbook.createUsedApplication('Client', SCOPES);
  const { body } = await oathbook.requestToken(application);
  api = new Kitsu({
    baseURL: `${oathbook.url}/api`,
    headers: { Authorization: `Bearer ${body.access_token}` },
    camelCaseTypes: false,
    pluralize: false,
  });
});
after(() => oathbook?.stop());

test('an application is created, found, changed and deleted by kitsu', async () => {
  const { data: created } = await api.create('oauthapplications', {
    type: 'oauthapplications',
    name: 'Order sync',
    scopes: ['applications:read'],
  });
  assert.match(created.clientSecret, /^oab_/);
  assert.equal(created.status, 'active');

  const params = { filter: { name: { contains: 'sync' } }, include: 'owner,organization' };
  const { data: found } = await api.get('oauthapplications', { params });
  assert.deepEqual(found.map(({ id }) => id), [created.id]);
  assert.equal(found[0].clientSecret, undefined);
  assert.equal(found[0].owner.data.userName, oathbook.username);

  const change = { type: 'oauthapplications', id: created.id, description: 'Every night' };
  await api.update('oauthapplications', change);
  const { data: changed } = await api.get(`oauthapplications/${created.id}`);
  assert.equal(changed.description, 'Every night');
  assert.equal(changed.name, 'Order sync');

  await api.remove('oauthapplications', created.id);
  const { data: left } = await api.get('oauthapplications', { params });
  assert.deepEqual(left, []);
});

test('kitsu follows pages and understands what is refused', async () => {
  for (const name of ['A', 'B', 'C']) {
    await api.create('oauthapplications', { type: 'oauthapplications', name });
  }
  const page = await api.get('oauthapplications', {
    params: { page: { size: 2 }, sort: 'name', fields: { oauthapplications: 'name' } },
  });
  assert.deepEqual(page.data.map(({ name }) => name), ['A', 'B']);
  assert.ok(page.links.next);

  await assert.rejects(
    api.create('oauthapplications', { type: 'oauthapplications', name: 'A' }),
    (error) => {
      assert.equal(error.errors[0].status, '409');
      assert.equal(error.errors[0].source.pointer, '/data/attributes/name');
      return true;
    },
  );
});
