// Independent OAuth clients obtain tokens; an independent JWT library verifies them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { calculateJwkThumbprint, createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oauth from 'openid-client';
import { quickstart } from '../browser/oathbook.mjs';

const CLAIMS = 'iss sub client_id aud iat nbf exp jti org owner cred rev'.split(' ');
// How credentials travel, and how the library reports their refusal.
const METHODS = {
  Basic: [oauth.ClientSecretBasic, { status: 401, code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' }],
  body: [oauth.ClientSecretPost, { status: 401, error: 'invalid_client' }],
};

let oathbook;
let application;
before(async () => {
  oathbook = await quickstart();
  application = await oathbook.createUsedApplication('Interop');
});
after(() => oathbook?.stop());

for (const [name, [method, refusal]] of Object.entries(METHODS)) {
  test(`a token obtained by openid-client with ${name} credentials verifies with jose`, async () => {
    const client = await discover(method(application.clientSecret));
    const { access_token: token, ...answer } = await oauth.clientCredentialsGrant(client);
    assert.equal(answer.token_type, 'bearer');
    assert.equal(answer.expires_in, 3600);

    const { issuer, jwks_uri: keys } = client.serverMetadata();
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(keys)), {
      algorithms: ['RS256'],
      typ: 'at+jwt',
      issuer,
      audience: issuer,
      requiredClaims: CLAIMS,
    });
    assert.equal(payload.sub, application.clientId);
    assert.equal(payload.client_id, application.clientId);
    assert.equal(payload.org, oathbook.organization);
  });

  test(`a wrong secret in ${name} credentials is refused, and openid-client understands`, async () => {
    const client = await discover(method('wrong'));
    await assert.rejects(oauth.clientCredentialsGrant(client), refusal);
  });
}

test('a key is named by its thumbprint and published without its private part', async () => {
  const client = await discover(oauth.ClientSecretPost(application.clientSecret));
  const { access_token: token } = await oauth.clientCredentialsGrant(client);
  const answer = await fetch(client.serverMetadata().jwks_uri);
  const { keys } = await answer.json();
  const { kid } = decodeProtectedHeader(token);
  const key = keys.find((candidate) => candidate.kid === kid);
  assert.equal(await calculateJwkThumbprint(key), kid);
  assert.deepEqual(['d', 'p', 'q', 'dp', 'dq', 'qi'].filter((part) => part in key), []);
});

/** A client that knows the address, its credentials and nothing else (RFC 8414). */
function discover(authentication) {
  const options = { algorithm: 'oauth2', execute: [oauth.allowInsecureRequests] };
  return oauth.discovery(new URL(oathbook.url), application.clientId, {}, authentication, options);
}
