/** Microsoft's other clouds: one record, at other addresses. */
import { describe, expect, it } from 'vitest';
import { contradictions } from '../../src/guide/contradictions.js';
import { complete, fill, itemsOf } from '../../src/guide/plan.js';
import type { Provider } from '../../src/guide/provider.js';
import { isTenantIssuer, recordFor, recordOf } from '../../src/providers/directory.js';
import { outlook } from '../../src/providers/outlook/provider.js';
import { renderGuide } from '../../src/render/guide.js';

const ACCOUNT = { account: 'pat@agency.example', tenant: 'agency.example' };
const inCloud = (cloud: string): Provider => recordFor(outlook, { cloud });

describe.each([
  [
    'us-gov',
    'login.microsoftonline.us',
    'portal.azure.us',
    'outlook.office365.us',
    'smtp.office365.us',
    'outlook.office365.us',
  ],
  [
    'us-dod',
    'login.microsoftonline.us',
    'portal.azure.us',
    'outlook-dod.office365.us',
    'outlook-dod.office365.us',
    'outlook.office365.us',
  ],
  [
    'china',
    'login.partner.microsoftonline.cn',
    'portal.azure.cn',
    'partner.outlook.cn',
    'smtp.partner.outlook.cn',
    'partner.outlook.cn',
  ],
])('the cloud %s', (cloud, login, portal, imap, smtp, resource) => {
  const record = inCloud(cloud);
  const answers = { ...ACCOUNT, cloud };
  const known = complete(record, answers);

  it('signs in and logs in at its own addresses', () => {
    expect(record.issuer).toBe(`https://${login}/{tenant}/v2.0`);
    expect(record.endpointHosts).toContain(login);
    expect(known).toMatchObject({ 'imap-host': imap, 'smtp-host': smtp });
    expect(record.mailHosts).toEqual(expect.arrayContaining([imap, smtp]));
    expect(known['scopes']).toContain(`https://${resource}/IMAP.AccessAsUser.All`);
    expect(record.app?.scopes).toEqual([`https://${resource}/.default`]);
    expect(isTenantIssuer(`https://${login}/{tenantid}/v2.0`, `https://${login}/organizations/v2.0`)).toBe(true);
  });

  it('shows its own portal in the guide and in every fix', async () => {
    const guide = renderGuide(record, answers, 'md');
    expect(guide).toContain(`https://${portal}/`);
    expect(guide).toContain('usually');
    const rest = JSON.stringify([guide, await record.rules(), fill(record.adminConsentUrl ?? '', answers, record)]);
    expect(rest).toContain(login);
    expect(rest).not.toMatch(
      /entra\.microsoft\.com|login\.microsoftonline\.com|office365\.com|admin\.microsoft\.com|outlook\.office\.com/,
    );
    expect(record.scripts?.['az']?.render(known)).toMatch(/^az cloud set --name Azure\w+ --output none$/m);
  });

  it('is remembered by its client, keeps every step, and has no personal mailboxes', () => {
    expect(recordOf('outlook', { cloud } as never)).toBe(record);
    expect(itemsOf(record, answers).map(({ id }) => id)).toEqual(itemsOf(outlook, ACCOUNT).map(({ id }) => id));
    expect(contradictions(record, { ...answers, 'mailbox-kind': 'personal' })).not.toEqual([]);
  });
});

describe('the global cloud', () => {
  it('is the record itself', () => {
    expect(inCloud('global')).toBe(outlook);
    expect(recordFor(outlook, {})).toBe(outlook);
    expect(recordFor(inCloud('china'), { cloud: 'us-gov' })).toBe(inCloud('us-gov'));
  });
});
