import { letsAppIn, opensTo } from './apps.js';
import { GOOGLE_SCOPE, type House, MAIL_SERVER, MICROSOFT_SCOPES, mailScopes, type RegisteredClient } from './house.js';

const APP_ROLES = { smtp: 'SMTP.SendAsApp', imap: 'IMAP.AccessAsApp' } as const;

/** What a mail server and an administrator do with tokens. */
export interface Tokens {
  /** An access token without any sign-in. `ttl` in seconds. */
  mint(email: string, options?: { scope?: string; ttl?: number }): Promise<string>;
  /** A refresh token as a sign-in at this client would have given it. */
  signedIn(email: string, client: RegisteredClient): Promise<string>;
  /** Whether a mail server would let `user` in with this token: alive, of that person, with a mail scope. */
  verify(user: string, token: string): Promise<boolean>;
  /** The same for one protocol: its own scope, and over IMAP the shared mailboxes of `circumstances.delegates`. */
  verifierOf(protocol: 'smtp' | 'imap'): (user: string, token: string) => Promise<boolean>;
  /** Whether the mailbox of somebody who was let in opens. */
  opens(user: string, token: string): boolean;
  /** Ends every sign-in of a person, as a changed password does. */
  revokeSignIn(email: string): void;
}

export function openTokens(house: House): Tokens {
  const { layout } = house.options;
  const owner = async (token: string, scopes: readonly string[]): Promise<string | undefined> => {
    const found = await house.provider.AccessToken.find(token);
    return found !== undefined && scopes.some((scope) => found.scopes.has(scope)) ? found.accountId : undefined;
  };
  return {
    mint: (email, options) => mint(house, email.toLowerCase(), options),
    signedIn: (email, client) => signedIn(house, email.toLowerCase(), client),
    verify: async (user, token) => (await owner(token, mailScopes[layout])) === user.toLowerCase(),
    verifierOf(protocol) {
      const permission = protocol === 'imap' ? 'IMAP' : 'SMTP';
      const scopes =
        layout === 'google' ? [GOOGLE_SCOPE] : MICROSOFT_SCOPES.filter((scope) => scope.includes(permission));
      return async (user, token) => {
        if (await letsAppIn(house, token, APP_ROLES[protocol])) return true;
        const person = await owner(token, scopes);
        const mailbox = user.toLowerCase();
        if (person === undefined || person === mailbox) return person !== undefined;
        return protocol === 'imap' && (house.circumstances.delegates[mailbox] ?? []).includes(person);
      };
    },
    opens: (user, token) => opensTo(house, token, user),
    revokeSignIn: (email) => void house.storage.forget(email.toLowerCase()),
  };
}

async function mint(house: House, email: string, options: { scope?: string; ttl?: number } = {}): Promise<string> {
  const { provider } = house;
  const scope = options.scope ?? `openid email ${mailScopes[house.options.layout].join(' ')}`;
  const grant = new provider.Grant({ clientId: MAIL_SERVER.id, accountId: email });
  grant.addOIDCScope(scope);
  const grantId = await grant.save();
  const client = await provider.Client.find(MAIL_SERVER.id);
  if (client === undefined) throw new Error('the mail server lost its own registration');
  const lifetime = options.ttl === undefined ? {} : { expiresIn: options.ttl };
  const token = new provider.AccessToken({
    accountId: email,
    client,
    grantId,
    gty: 'authorization_code',
    scope,
    ...lifetime,
  });
  token.extra = { email, username: email };
  const value = await token.save();
  house.secrets.add(value);
  return value;
}

async function signedIn(
  { provider, options, secrets }: House,
  email: string,
  client: RegisteredClient,
): Promise<string> {
  const found = await provider.Client.find(client.clientId);
  if (found === undefined) throw new Error(`nobody has registered ${client.clientId}`);
  const scope = `openid email offline_access ${mailScopes[options.layout].join(' ')}`;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: email });
  grant.addOIDCScope(scope);
  const grantId = await grant.save();
  const token = new provider.RefreshToken({
    accountId: email,
    client: found,
    grantId,
    gty: 'authorization_code',
    scope,
    authTime: Math.floor(Date.now() / 1000),
    rotations: 0,
  });
  const value = await token.save();
  secrets.add(value);
  return value;
}
