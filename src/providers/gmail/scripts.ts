/**
 * What a person's own gcloud can do of the set-up of a service account. Domain-wide delegation is not among it: a super
 * administrator does that in a browser. Every value is quoted for the shell that reads it.
 */
import { type Answers, text } from '../../account/answers.js';
import { shellWord } from '../../words/shell.js';
import { DELEGATION } from './addresses.js';

/** Project, API, service account and key. Re-runnable; it prints the Unique ID, which the delegation asks for. */
export function gcloudScript(answers: Answers): string {
  return [
    '#!/bin/sh',
    '# Makes a service account and its key with the Google Cloud command line. It can be run again.',
    '# Needed: gcloud, logged in as somebody who may create projects (gcloud auth login).',
    'set -eu',
    '',
    `project=${shellWord(text(answers, 'project') ?? '<project>')}`,
    `name=${shellWord(text(answers, 'app-name') ?? 'mailauth')}`,
    `account=${shellWord(accountId(answers))}`,
    'case $project in "<"*) echo "Put the value of project in at the top first." >&2; exit 64 ;; esac',
    'key=$account-$project.json',
    'email=$account@$project.iam.gserviceaccount.com',
    '',
    'gcloud projects describe "$project" --format="value(projectId)" >/dev/null 2>&1 ||',
    '  gcloud projects create "$project" --name="$name"',
    'gcloud services enable gmail.googleapis.com --project="$project"',
    'gcloud iam service-accounts describe "$email" --project="$project" --format="value(email)" >/dev/null 2>&1 ||',
    '  gcloud iam service-accounts create "$account" --display-name="$name" --project="$project"',
    '',
    '# The key is the whole secret: one file, made once. Give it to mailauth, and delete it afterwards.',
    'if [ ! -e "$key" ]; then',
    '  (umask 077 && gcloud iam service-accounts keys create "$key" --iam-account="$email" --project="$project")',
    'fi',
    '',
    'id=$(gcloud iam service-accounts describe "$email" --project="$project" --format="value(uniqueId)")',
    'echo "Unique ID:  $id"',
    'echo "Key file:   $key"',
    'echo "Then a super administrator opens this link, and clicks Authorise:"',
    `echo "${DELEGATION.replace('{client-id}', '$id')}"`,
    `echo "And: mailauth setup gmail --sign-in app --account ${forEcho(answers)} --service-account-file $key"`,
    '',
  ].join('\n');
}

/** Small letters, digits and hyphens, 6 to 30 of them, beginning with a letter: Google's own rule. */
function accountId(answers: Answers): string {
  const name = (text(answers, 'app-name') ?? 'mailauth').toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const bare = name.replace(/^[^a-z]+|-+$/g, '').slice(0, 30);
  return bare.length >= 6 ? bare : 'mailauth';
}

/** Only shown, and inside double quotes: what would mean something there is left for the reader. */
function forEcho(answers: Answers): string {
  const address = text(answers, 'account') ?? 'ADDRESS';
  return /^[\w.+@-]+$/.test(address) ? address : 'ADDRESS';
}
