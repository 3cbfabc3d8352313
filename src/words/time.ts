/**
 * The rule for times: a person reads them in the time zone of this machine (`TZ`), a program reads UTC as ISO 8601
 * writes it. These two are for people. A day that was given without a time is the same everywhere.
 */
export function localDay(instant: string): string {
  return instant.length <= DAY_LENGTH ? instant : dayOf(new Date(instant));
}

/** A machine that keeps UTC says so: whoever reads its words is usually somewhere else. */
export function localMinute(instant: string): string {
  const time = new Date(instant);
  const zone = time.getTimezoneOffset() === 0 ? ' UTC' : '';
  return `${dayOf(time)} ${twoDigits(time.getHours())}:${twoDigits(time.getMinutes())}${zone}`;
}

const DAY_LENGTH = '2026-11-25'.length;

function dayOf(time: Date): string {
  return [time.getFullYear(), twoDigits(time.getMonth() + 1), twoDigits(time.getDate())].join('-');
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
