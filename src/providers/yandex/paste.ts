import { accept, hasForeignIssuer, type IssuedValue, isMasked, refuse, strangerIn } from '../../guide/recognise.js';
import type { Guard } from '../../guide/step.js';

/** Client ID and client secret look alike: 32 digits and letters. */
const HEX = /^[0-9a-f]{32}$/i;

export const yandexIssuedValues: readonly IssuedValue[] = [
  { what: 'an access token of Yandex. It is not needed here', shape: /^y0_[\w-]{20,}$/, secret: true },
];

/** Yandex promises no shape, so another one is only doubted. */
export const yandexClient: Guard = {
  recognise: (text, answers) => {
    if (isMasked(text)) return refuse('the page hides the value. Show it there, and copy it again');
    const stranger = strangerIn(text);
    if (stranger !== undefined) return refuse(stranger);
    if (hasForeignIssuer(answers) || HEX.test(text)) return accept(text);
    return accept(text, `this has ${text.length} characters; 32 digits and letters from a to f are usual`);
  },
  inside: 'joined',
};
