import { expect, test } from 'vitest';
import { startAuthorizationServer } from './authorization-server.js';
import { makeAuthority } from './certificates.js';
import { registerAtGoogle, registerAtMicrosoft } from './consoles.js';

test('Google hands out a project, a client and the file that holds both', async () => {
  const server = await startAuthorizationServer({ layout: 'google', authority: makeAuthority() });
  const desktop = await registerAtGoogle(server, { type: 'desktop', appName: 'Happy Paws' });
  expect(desktop.projectId).toMatch(/^happy-paws-\d{6}$/);
  expect(desktop.clientFile.name).toBe(`client_secret_${desktop.clientId}.json`);
  expect(JSON.parse(desktop.clientFile.text)).toMatchObject({
    installed: {
      client_id: desktop.clientId,
      client_secret: desktop.clientSecret,
      redirect_uris: ['http://localhost'],
    },
  });
  const redirectUris = ['http://127.0.0.1:8765/callback', 'https://vet.example/oauth2'];
  const web = await registerAtGoogle(server, { type: 'web', appName: 'Happy Paws', redirectUris });
  expect(JSON.parse(web.clientFile.text)).toMatchObject({ web: { redirect_uris: redirectUris } });
  expect(server.secrets).toContain(web.clientSecret);
  await server.stop();
});

test('Microsoft shows three GUIDs that look alike, a Value and a Secret ID', async () => {
  const server = await startAuthorizationServer({ layout: 'microsoft', authority: makeAuthority() });
  const form = { appName: 'mailauth', redirectUris: ['http://localhost:8765/callback'] };
  const web = await registerAtMicrosoft(server, { type: 'web', ...form });
  const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  for (const value of [web.clientId, web.tenant, web.objectId, web.secretId]) expect(value).toMatch(guid);
  expect(new Set([web.clientId, web.tenant, web.objectId, web.secretId]).size).toBe(4);
  expect(web.secretValue).toMatch(/^[\w~.]{3}\dQ~[\w~.-]{31,34}$/);
  expect(Date.parse(web.secretExpires) - Date.now()).toBeGreaterThan(700 * 86_400_000);
  expect((await registerAtMicrosoft(server, { type: 'public', ...form })).secretValue).toBe('');
  await server.stop();
});
