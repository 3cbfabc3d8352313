/** The domains at which Microsoft gives personal mailboxes to anybody, as far as public lists name them. */

const COUNTRIES: Readonly<Record<string, string>> = {
  outlook:
    'com at be bg cl co.id co.il co.nz co.th com.ar com.au com.br com.gr com.hr com.pe com.py com.tr com.ua com.vn cz de dk ee es fr hr hu ie in it jp kr lt lv my ph pt ro sa sg si sk',
  hotmail:
    'com at be ca ch cl co.id co.il co.jp co.kr co.nz co.th co.uk co.za com.ar com.au com.br com.hk com.tr com.tw com.vn cz de dk es fi fr gr hu it lt lv my no nl ph rs se sg sk',
  live: 'com at be ca ch cl cn co.in co.kr co.uk co.za com.ar com.au com.mx com.my com.ph com.pk com.pt com.sg com.ve de dk fi fr hk ie in it jp nl no ph ru se',
};

export const personalDomains: readonly string[] = [
  ...Object.entries(COUNTRIES).flatMap(([name, endings]) => endings.split(' ').map((ending) => `${name}.${ending}`)),
  'msn.com',
  'passport.com',
  'windowslive.com',
];
