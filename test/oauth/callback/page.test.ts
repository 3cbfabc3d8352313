import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderPage, SECURITY_HEADERS, type ShownPage } from '../../../src/oauth/callback/page.js';

const page: ShownPage = {
  kind: 'success',
  title: 'Signed in - mailauth',
  heading: 'Signed in as reception@happypaws.example',
  lines: ['mailauth is now testing the mailbox in the terminal.', 'You can close this tab.'],
};
const kinds = ['success', 'failure', 'notice'] as const;
const styleOf = (html: string) => /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '';

/** WCAG 2 relative luminance. */
function luminance(hex: string): number {
  const full = hex.length === 4 ? hex.replace(/[^#]/g, '$&$&') : hex;
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(full.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

describe('the page', () => {
  it.each(kinds)('%s is one small document without script, image, font or link', (kind) => {
    const html = renderPage({ ...page, kind });
    expect(Buffer.byteLength(html)).toBeLessThan(6 * 1024);
    expect(html).not.toMatch(/<script|<img|<link|<a |url\(|@import|@font-face|href=|src=|\son\w+=/i);
    expect(html).toContain('<html lang="en">');
    expect(html).toContain('name="viewport"');
    expect(html).toMatch(/<main role="status">\n<svg [^>]*aria-hidden="true">.*<\/svg>\n<h1>/);
  });

  it('L20 the security policy names exactly the style that is sent', () => {
    const hash = createHash('sha256')
      .update(styleOf(renderPage(page)))
      .digest('base64');
    expect(SECURITY_HEADERS['Content-Security-Policy']).toMatch(/^default-src 'none'; /);
    expect(SECURITY_HEADERS['Content-Security-Policy']).toContain(`style-src 'sha256-${hash}'`);
  });

  it('L20 no text can become markup', () => {
    const skeleton = (html: string) => html.replace(/>[^<]*/g, '>');
    const empty = skeleton(renderPage({ ...page, heading: '', lines: ['', ''] }));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(skeleton(renderPage({ ...page, title: text, heading: text, lines: [text, text] }))).toBe(empty);
      }),
    );
  });

  it('has a shape of its own for each kind, so that colour is never the only sign', () => {
    const shapes = kinds.map((kind) => /<path d="([^"]+)"/.exec(renderPage({ ...page, kind }))?.[1]);
    expect(new Set(shapes).size).toBe(3);
  });

  it('is readable in light and dark: 7:1 and more, 16 px and more', () => {
    const style = styleOf(renderPage(page));
    const [light = '', dark = ''] = [...style.matchAll(/:root\{([^}]*--text[^}]*)\}/g)].map((match) => match[1]);
    for (const scheme of [light, dark]) {
      const colour = (name: string) => new RegExp(`--${name}:(#[0-9a-f]{3,6})`).exec(scheme)?.[1] ?? '';
      expect(contrast(colour('text'), colour('card'))).toBeGreaterThan(12);
      expect(contrast(colour('quiet'), colour('card'))).toBeGreaterThan(7);
    }
    const pixels = [...style.matchAll(/font(?:-size)?:(\d+)px/g)].map((match) => Number(match[1]));
    const rems = [...style.matchAll(/font-size:([\d.]+)rem/g)].map((match) => Number(match[1]));
    expect(Math.min(...pixels)).toBeGreaterThanOrEqual(16);
    expect(Math.min(...rems)).toBeGreaterThanOrEqual(1);
  });
});
