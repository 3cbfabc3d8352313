import { writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Provider } from '../src/guide/provider.js';
import type { Answers } from '../src/guide/step.js';
import { providers } from '../src/providers/directory.js';
import { elsewhere } from '../src/providers/elsewhere.js';
import { renderGuide } from '../src/render/guide.js';
import { renderCommandsPage } from './commands-page.js';
import { renderErrors } from './errors-page.js';
import { renderManPage } from './man-page.js';
import { renderDependenciesPage } from './package/dependencies-page.js';
import { providerLists } from './provider-lists.js';

/** What is made from the program's own records. `npm run docs` writes all of it. */
export interface GeneratedPage {
  /** Below the project. */
  readonly file: string;
  render(): string | Promise<string>;
}

export const generatedPages: readonly GeneratedPage[] = [
  ...providers.map((provider) => ({ file: `docs/${provider.id}.md`, render: () => guidePage(provider) })),
  ...providers
    .filter(({ app }) => app !== undefined)
    .map((provider) => ({
      file: `docs/${provider.id}-app.md`,
      render: () => guidePage(provider, { 'sign-in': 'app' }),
    })),
  { file: 'docs/errors.md', render: () => renderErrors([...providers, ...elsewhere]) },
  { file: 'docs/commands.md', render: renderCommandsPage },
  { file: 'docs/dependencies.md', render: renderDependenciesPage },
  { file: 'man/mailauth.1', render: renderManPage },
  ...providerLists,
];

export function pathOf(page: GeneratedPage): string {
  return fileURLToPath(new URL(`../${page.file}`, import.meta.url));
}

function guidePage(provider: Provider, answers: Answers = {}): string {
  const notice = `<!-- made by test/generate-docs.ts from src/providers/${provider.id}.ts: change it there -->`;
  return `${notice}\n\n${renderGuide(provider, answers, 'md')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const page of generatedPages) await writeFile(pathOf(page), await page.render());
}
