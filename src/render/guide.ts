import type { Provider } from '../guide/provider.js';
import type { Answers } from '../guide/step.js';
import { json } from '../words/sanitise.js';
import { guideDocument } from './guide-document.js';
import { guideMarkdown } from './guide-markdown.js';
import { guideText } from './guide-text.js';

export type GuideFormat = 'text' | 'md' | 'json';

interface GuideOptions {
  /** Columns to wrap the text format at; links and values are never broken. */
  readonly width?: number;
}

/** A provider's guide, filled in with the answers so far. */
export function renderGuide(
  provider: Provider,
  answers: Answers,
  format: GuideFormat,
  options: GuideOptions = {},
): string {
  const document = guideDocument(provider, answers);
  if (format === 'json') return json(document);
  return format === 'md' ? guideMarkdown(provider, document) : guideText(provider, document, options.width ?? 80);
}
