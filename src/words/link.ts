/**
 * Links hold placeholders. `{client-id}` must be known or the link leads nowhere; `{project?}` is what a link can do
 * without: the unknown parameter of the query, or segment of the path, is left out.
 */
export const PLACEHOLDER = /\{([a-z][a-z-]*)\??\}/g;
const NEEDLESS = /\{([a-z][a-z-]*)\?\}/g;

/** What is known by a placeholder's name; undefined where nothing is. */
export type Known = (id: string) => string | undefined;

/** The link without the parts it can do without and that are not known. Needed placeholders stay. */
function pruneLink(link: string, known: Known): string {
  const isNeedless = (part: string) => [...part.matchAll(NEEDLESS)].some(([, id = '']) => known(id) === undefined);
  const [, base = link, query = '', fragment = ''] =
    /^([^?#{]*(?:\{[^}]*\}[^?#{]*)*)(?:\?([^#]*))?(#.*)?$/.exec(link) ?? [];
  const parameters = query.split('&').filter((parameter) => parameter !== '' && !isNeedless(parameter));
  const path = base.replace(NEEDLESS, (segment) => (isNeedless(segment) ? '' : segment));
  return `${path}${parameters.length === 0 ? '' : `?${parameters.join('&')}`}${fragment}`;
}

/** Puts percent-encoded values into a link; `unknown` says what stands for one that is needed and missing. */
export function fillLink(link: string, known: Known, unknown: (id: string) => string): string {
  return pruneLink(link, known).replace(PLACEHOLDER, (_, id: string) => {
    const value = known(id);
    return value === undefined ? unknown(id) : encodeURIComponent(value);
  });
}

/** Whether a placeholder that the link needs is not known. */
export function lacksPart(link: string, known: Known): boolean {
  return [...pruneLink(link, known).matchAll(PLACEHOLDER)].some(([, id = '']) => known(id) === undefined);
}
