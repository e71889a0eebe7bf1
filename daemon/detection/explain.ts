import type { MailPort } from '../conntrack/flow.ts';
import type { Step } from './observe.ts';
import type { Thresholds } from './thresholds.ts';

/** What a step's words need beside the step. `noun` is ours, never a device's own name: "camera", "device". */
export interface StepContext {
  readonly address: string;
  readonly port: MailPort;
  /** Of the name by which the router's DNS gave it out, if that is known. */
  readonly domain?: string | undefined;
  readonly noun: string;
  readonly thresholds: Thresholds;
}

/** One line for people: "new mail server 203.0.113.9:25, first time for this camera, +3.6 (5.1 of 4.6)". */
export function explainStep(step: Step, context: StepContext): string {
  return `${wordsOf(step, context)}, ${signed(step.llr)} (${scoreWords(step, context.thresholds)})`;
}

/** The new score against the threshold that lay ahead of it: "5.1 of 4.6" crosses the first, "8.2 of 9.2" is on to the second. */
function scoreWords({ before, after }: Step, { restrict, block }: Thresholds): string {
  return `${after.toFixed(1)} of ${(before < restrict ? restrict : block).toFixed(1)}`;
}

function wordsOf(step: Step, { address, port, domain, noun }: StepContext): string {
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const server = domain === undefined ? place : `${place} (${domain})`;
  if (step.outcome) return `${outcomeWords[step.outcome]} ${server}`;
  switch (step.relation) {
    case 'N':
      return `new mail server ${server}, first time for this ${noun}`;
    case 'A':
      return step.newExchanger
        ? `another mail server of ${step.group}, ${server}`
        : `mail server ${server} again, one of ${step.strangeGroups} strange ones in a day`;
    case 'O':
      return `mail server ${server} again`;
    case 'K':
      return `${server}, a relay this ${noun} is known to use`;
  }
}

const outcomeWords = {
  delivered: 'a message went through',
  short: 'no message went through',
  'no service': 'no answer from',
} as const;

const signed = (llr: number) => (llr < 0 ? llr.toFixed(1) : `+${llr.toFixed(1)}`);
