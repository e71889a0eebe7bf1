import type { Fields } from './fields.ts';
import { pairs, table } from './table.ts';

/** The paper of one incident, for a ticket or a letter. */
export function renderEvidence(paper: Fields): string {
  const both = (name: string) =>
    paper.has(name) ? `${spoken(paper.text(name))} (${paper.text(`${name}_local`)})` : '';
  const name = paper.has('name') ? `${paper.text('name')} (${paper.text('device')})` : 'not named';
  const head = pairs([
    ['incident', `${paper.text('id')}, ${paper.text('state')}`],
    ['device', `${name}, class ${paper.text('class')}`],
    ['maker', paper.text('maker')],
    ['from', both('opened')],
    ['to', both('closed')],
    [
      'mail',
      `${paper.text('connections')} connections to mail servers, about ${paper.text('messages')} messages sent, ${paper.text('refused')} attempts refused`,
    ],
    ['written', `${spoken(paper.text('made'))} by ${paper.text('made_by')}`],
  ]);
  const steps = paper
    .items('steps')
    .map((step) => `  ${spoken(step.text('at'))} (${step.text('local')})  ${step.text('text')}`);
  const servers = paper
    .items('servers')
    .map((one) =>
      ['server', 'port', 'group', 'connections', 'messages', 'refused'].map((name) => one.text(name)),
    );
  const omitted = paper.number('servers_omitted');
  return [
    'What happened to the mail of one device, as its router saw it',
    '',
    head,
    '',
    'What was done:',
    ...steps,
    '',
    'To where:',
    ...(servers.length > 0
      ? [table(['SERVER', 'PORT', 'GROUP', 'CONNECTIONS', 'MESSAGES', 'REFUSED'], servers)]
      : ['  (no counts)']),
    ...(omitted > 0 ? [`and ${omitted} more`] : []),
    '',
    'Why:',
    ...paper.texts('evidence').map((line) => `  ${line}`),
    '',
    'What is not known:',
    ...paper.texts('limits').map((line) => `- ${line}`),
  ].join('\n');
}

const spoken = (iso: string) => iso.replace('T', ' ').replace('Z', ' UTC');
