import { describe, expect, it } from 'vitest';
import { proxiesOf } from '../../src/system/proxy.js';

function leading(env: NodeJS.ProcessEnv, host = 'login.example.com', port = 443) {
  const proxy = proxiesOf(env).leadingTo(host, port);
  return proxy && { ...proxy, ...(proxy.password && { password: proxy.password.reveal() }) };
}

describe('the address of a proxy', () => {
  it.each([
    ['http://proxy.example:3128', { kind: 'http', host: 'proxy.example', port: 3128 }],
    ['HTTP://proxy.example:3128/', { kind: 'http', host: 'proxy.example', port: 3128 }],
    ['proxy.example:3128', { kind: 'http', host: 'proxy.example', port: 3128 }],
    ['//proxy.example:3128', { kind: 'http', host: 'proxy.example', port: 3128 }],
    ['proxy.example', { kind: 'http', host: 'proxy.example', port: 80 }],
    ['https://proxy.example', { kind: 'https', host: 'proxy.example', port: 443 }],
    ['https://proxy.example:80', { kind: 'https', host: 'proxy.example', port: 80 }],
    ['http://[2001:db8::1]:8080', { kind: 'http', host: '2001:db8::1', port: 8080 }],
    ['socks5://127.0.0.1:1080', { kind: 'socks5', host: '127.0.0.1', port: 1080 }],
    ['socks5h://gate', { kind: 'socks5', host: 'gate', port: 1080 }],
    ['socks://gate:9050', { kind: 'socks5', host: 'gate', port: 9050 }],
    ['SOCKS4A://gate:9050', { kind: 'socks4', host: 'gate', port: 9050 }],
    ['http://ann:p%40ss@gate:1', { kind: 'http', host: 'gate', port: 1, user: 'ann', password: 'p@ss' }],
    ['http://ann:100%@gate:1', { kind: 'http', host: 'gate', port: 1, user: 'ann', password: '100%' }],
    ['http://us%er:x@gate:1', { kind: 'http', host: 'gate', port: 1, user: 'us%er', password: 'x' }],
    ['http://ann:a@b:c@gate:1', { kind: 'http', host: 'gate', port: 1, user: 'ann', password: 'a@b:c' }],
    ['http://ann@gate:1', { kind: 'http', host: 'gate', port: 1, user: 'ann' }],
    ['http://pröxy.example:1', { kind: 'http', host: 'xn--prxy-6qa.example', port: 1 }],
  ])('N01 %s is read', (value, proxy) => {
    expect(leading({ HTTPS_PROXY: value })).toEqual(proxy);
  });

  it.each([
    ['http://proxy.example:3128/path', /no path/],
    ['http://proxy.example:3128/?x', /no path/],
    ['http://proxy.example:3128/proxy.pac', /PAC file/],
    ['ftp://proxy.example', /does not speak \(ftp\)/],
    ['http://', /not the address/],
    ['http://proxy:99999', /not the address/],
    ['http://pr%6Fxy:1', /not the address/],
    ['http://a b:1', /not the address/],
  ])('N01 %s is refused in words', (value, words) => {
    const naming = `http://canary-user:canary-pass@${value.replace(/^\w+:\/\//, '')}`;
    expect(() => proxiesOf({ HTTPS_PROXY: value })).toThrow(words);
    expect(() => proxiesOf({ HTTPS_PROXY: value })).toThrow(expect.objectContaining({ code: 'bad_input' }));
    if (value.startsWith('http')) expect(() => proxiesOf({ HTTPS_PROXY: naming })).not.toThrow(/canary/);
  });

  it('N01 comes from the small variable first, and from ALL_PROXY last', () => {
    expect(leading({ HTTPS_PROXY: 'big:1', https_proxy: 'small:2' })?.host).toBe('small');
    expect(leading({ ALL_PROXY: 'socks5://all:3', HTTP_PROXY: 'plain:4' })?.host).toBe('plain');
    expect(leading({ all_proxy: 'socks5://all:3' })?.host).toBe('all');
    expect(leading({ https_proxy: '', HTTPS_PROXY: 'big:1' })).toBeUndefined();
  });

  it('N02 is told without the user and the password', () => {
    const { description } = proxiesOf({ HTTPS_PROXY: 'http://ann:secret@gate:1', NO_PROXY: 'a.example, b.example' });
    expect(description).toBe('requests go through the proxy gate:1, except to: a.example, b.example');
  });

  it('N04 is not looked at for loopback, nor for what NO_PROXY names', () => {
    const env = { HTTPS_PROXY: 'gate:1', NO_PROXY: '*.example.com,[2001:db8::1]:444' };
    for (const host of ['localhost', 'a.localhost', '127.0.0.1', '::1', 'example.com', 'LOGIN.example.com']) {
      expect(leading(env, host)).toBeUndefined();
    }
    expect(leading(env, '2001:db8::1', 444)).toBeUndefined();
    expect(leading(env, '2001:db8::1', 443)).toBeDefined();
    expect(leading(env, 'badexample.com')).toBeDefined();
  });
});
