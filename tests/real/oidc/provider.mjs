// A real OpenID provider (npm: oidc-provider) for the tests labelled real, on 127.0.0.1.
//
//   node provider.mjs STATE_DIRECTORY [PORT [CONTROL_PORT]]
//
// Writes STATE_DIRECTORY/facts when it listens. People sign in by the provider's own development
// pages, with any password; whoever has no account cannot. What a test may change goes to the
// control address: POST /client {"redirect_uris"}, /person {"login", "claims"}, /rotate {"alg"}.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [state, port = 0, controlPort = 0] = process.argv.slice(2);
const people = new Map();
const client = {
  client_id: 'ombud',
  client_secret: randomBytes(24).toString('base64url') + ' &/%',
  redirect_uris: ['http://127.0.0.1:1/auth/oidc/real/callback'],
  post_logout_redirect_uris: [],
  id_token_signed_response_alg: 'RS256',
};
let keys = [];
let current;

const kinds = {
  RS256: ['rsa', { modulusLength: 2048 }],
  PS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  EdDSA: ['ed25519', {}],
};

function newKey(alg) {
  const { privateKey } = generateKeyPairSync(...kinds[alg]);
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: randomBytes(8).toString('hex') };
}

// Sessions live on: oidc-provider keeps them for the process.
function build(issuer) {
  const provider = new Provider(issuer, {
    clients: [client],
    jwks: { keys },
    cookies: { keys: ['only for tests'] },
    scopes: ['openid', 'email', 'profile', 'groups'],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'locale'],
      groups: ['groups'],
    },
    enabledJWA: { idTokenSigningAlgValues: Object.keys(kinds) },
    features: { rpInitiatedLogout: { enabled: true } },
    pkce: { methods: ['S256'], required: () => true },
    findAccount: (_, login) =>
      people.has(login) && {
        accountId: login,
        claims: () => ({ sub: login, ...people.get(login) }),
      },
  });
  current = provider.callback();
}

const server = createServer((request, response) => current(request, response));
const listen = (what, at) => new Promise((done) => what.listen(Number(at), '127.0.0.1', () => done(what.address().port)));
const issuer = `http://127.0.0.1:${await listen(server, port)}`;
keys = [newKey('RS256')];
build(issuer);

const commands = {
  '/client': (said) => Object.assign(client, said),
  '/person': ({ login, claims }) => (claims ? people.set(login, claims) : people.delete(login)),
  '/rotate': ({ alg }) => {
    keys = [newKey(alg)];
    client.id_token_signed_response_alg = alg;
  },
};
const control = createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  const command = commands[request.url];
  if (!command) return response.writeHead(404).end();
  command(JSON.parse(body));
  build(issuer);
  return response.writeHead(204).end();
});
const controlAt = await listen(control, controlPort);
writeFileSync(
  `${state}/facts.new`,
  `OMBUD_TEST_OIDC_ISSUER=${issuer}\nOMBUD_TEST_OIDC_CONTROL=${controlAt}\n` +
    `OMBUD_TEST_OIDC_SECRET=${client.client_secret}\n`,
  { mode: 0o600 },
);
renameSync(`${state}/facts.new`, `${state}/facts`);
