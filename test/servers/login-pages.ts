/** The pages a person sees at the played provider: one self-contained style, plain forms, no script, no font from elsewhere. */

export type Layout = 'google' | 'microsoft';

export interface AskedScope {
  readonly scope: string;
  readonly text: string;
  /** Google shows a box that starts unticked; Microsoft only lists what it will grant. */
  readonly box: boolean;
}

const brand: Record<Layout, { name: string; accent: string }> = {
  google: { name: 'Played Google sign-in', accent: '#1a56c4' },
  microsoft: { name: 'Played Microsoft sign-in', accent: '#0f6cbd' },
};

const style = `
:root { color-scheme: light dark }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 16px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText }
main { width: min(27rem, calc(100vw - 4rem)); padding: 2rem; border: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); border-radius: 12px }
small { color: color-mix(in srgb, CanvasText 65%, Canvas) }
h1 { font-size: 1.35rem; font-weight: 600; margin: .25rem 0 1rem }
label { display: flex; gap: .6rem; align-items: baseline; padding: .5rem 0; overflow-wrap: anywhere }
input[type=text], input[type=email] { flex: 1; font: inherit; padding: .45rem .6rem; border: 1px solid color-mix(in srgb, CanvasText 40%, Canvas); border-radius: 6px; background: Field; color: FieldText }
ul { padding-left: 1.2rem } li { overflow-wrap: anywhere }
nav { display: flex; flex-direction: row-reverse; gap: .75rem; margin-top: 1.5rem }
button { font: inherit; padding: .5rem 1.25rem; border-radius: 6px; border: 1px solid var(--accent); background: transparent; color: inherit; cursor: pointer }
button[value=continue] { background: var(--accent); color: #fff }
`;

export function accountPage(page: {
  layout: Layout;
  application: string;
  accounts: readonly string[];
  hint: string | undefined;
}): string {
  const choices = page.accounts.map(
    (address) =>
      `<label><input type="radio" name="account" value="${html(address)}"${address === page.hint ? ' checked' : ''}> ${html(address)}</label>`,
  );
  return document(
    page.layout,
    'Choose an account',
    `<p>to continue to <strong>${html(page.application)}</strong></p>
<form method="post"><input type="hidden" name="page" value="account">
${choices.join('\n')}
<label><input type="radio" name="account" value=""${page.hint === undefined ? ' checked' : ''}> <input type="email" name="other" placeholder="another account" aria-label="another account"></label>
${buttons('Next')}</form>`,
  );
}

export function consentPage(page: {
  layout: Layout;
  application: string;
  account: string;
  scopes: readonly AskedScope[];
}): string {
  const boxes = page.scopes
    .filter(({ box }) => box)
    .map(
      ({ scope, text }) => `<label><input type="checkbox" name="scope" value="${html(scope)}"> ${html(text)}</label>`,
    );
  const listed = page.scopes.filter(({ box }) => !box).map(({ text }) => `<li>${html(text)}</li>`);
  return document(
    page.layout,
    `${page.application} wants access to your account`,
    `<p>${html(page.account)}</p>
<form method="post"><input type="hidden" name="page" value="consent">
${boxes.length > 0 ? `<p>Select what ${html(page.application)} can access</p>${boxes.join('\n')}` : ''}
${listed.length > 0 ? `<ul>${listed.join('')}</ul>` : ''}
${buttons(page.layout === 'google' ? 'Continue' : 'Accept')}</form>`,
  );
}

export function adminApprovalPage(page: { application: string; account: string }): string {
  return document(
    'microsoft',
    'Need admin approval',
    `<p>${html(page.account)}</p>
<p>${html(page.application)} needs permission to access resources in your organization that only an admin can grant. (AADSTS90094)</p>
<form method="post"><input type="hidden" name="page" value="consent">
<nav><button name="do" value="cancel">Return to the application without granting consent</button></nav></form>`,
  );
}

/** An error the provider shows on its own page and never sends back to the application. */
export function errorPage(page: { layout: Layout; title: string; text: string }): string {
  return document(page.layout, page.title, `<p>${html(page.text)}</p>`);
}

/** `form` comes from oidc-provider, with its own cross-site request token. */
export function devicePage(page: { heading: string; text: string; form: string; formId: string }): string {
  const submit = `<nav><button type="submit" form="${page.formId}" value="continue">Next</button></nav>`;
  return document('microsoft', page.heading, `<p>${html(page.text)}</p>${page.form}${page.form === '' ? '' : submit}`);
}

/** The way forward stands first: it is what Enter in a field presses. */
function buttons(forward: string): string {
  return `<nav><button name="do" value="continue">${forward}</button><button name="do" value="cancel">Cancel</button></nav>`;
}

function document(layout: Layout, heading: string, body: string): string {
  const { name, accent } = brand[layout];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(heading)}</title><style>:root { --accent: ${accent} }${style}</style></head>
<body><main><small>${name}, a test server on this computer</small><h1>${html(heading)}</h1>
${body}
</main></body></html>
`;
}

function html(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
