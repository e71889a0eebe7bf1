import type { DeviceClass } from '../config/config.ts';
import type { MailPort } from '../conntrack/flow.ts';

/** M: relay, port 25. S: submission, 465 and 587. */
export type PortClass = 'M' | 'S';

/** The class of a port, or undefined for 2525, which never scores: web pages can open it, so a page could frame a laptop. */
export function portClassOf(port: MailPort): PortClass | undefined {
  switch (port) {
    case 25:
      return 'M';
    case 465:
    case 587:
      return 'S';
    case 2525:
      return undefined;
  }
}

/**
 * How a device stands to the group of servers that it contacts. N: not seen in 30 days. A: seen, not known, while it
 * roams among several. O: seen, not known, otherwise, as a retry. K: known, delivered to before.
 */
export type Relation = 'N' | 'A' | 'O' | 'K';

export type Cell = `${PortClass},${Relation}`;

/** How a flow ended: a message went through, it closed too early for one, or nobody was there. */
export type Outcome = 'delivered' | 'short' | 'no service';

/** The columns of the table. A mail server has none: its mail is no evidence. */
export type Benign = 'iot' | 'computer' | 'unknown';

/**
 * P(cell): how a mail connection falls over port class and relation, for a bot and for three kinds of honest devices.
 * Each column sums to 1. Set by hand: the error rates that follow from it are labels of a design, not field rates.
 */
export const cellProbability: Readonly<Record<Cell, Readonly<Record<'bot' | Benign, number>>>> = {
  'M,N': { bot: 0.3, iot: 0.008, computer: 0.008, unknown: 0.01 },
  'M,A': { bot: 0.26, iot: 0.01, computer: 0.012, unknown: 0.012 },
  'M,O': { bot: 0.06, iot: 0.06, computer: 0.06, unknown: 0.06 },
  'M,K': { bot: 0.06, iot: 0.08, computer: 0.12, unknown: 0.11 },
  'S,N': { bot: 0.1, iot: 0.06, computer: 0.1, unknown: 0.08 },
  'S,A': { bot: 0.1, iot: 0.02, computer: 0.03, unknown: 0.025 },
  'S,O': { bot: 0.06, iot: 0.06, computer: 0.06, unknown: 0.06 },
  'S,K': { bot: 0.06, iot: 0.702, computer: 0.61, unknown: 0.643 },
};

/** P(outcome) of a flow to a group that is N or A, for a bot and for any honest device. Each column sums to 1. */
export const outcomeProbability: Readonly<
  Record<PortClass, Readonly<Record<Outcome, { readonly bot: number; readonly benign: number }>>>
> = {
  // No service weighs nothing here: many ISPs drop port 25, for everybody alike.
  M: {
    delivered: { bot: 0.3, benign: 0.5 },
    short: { bot: 0.4, benign: 0.2 },
    'no service': { bot: 0.3, benign: 0.3 },
  },
  S: {
    delivered: { bot: 0.2, benign: 0.88 },
    short: { bot: 0.4, benign: 0.06 },
    'no service': { bot: 0.4, benign: 0.06 },
  },
};

/** The column that speaks for a class; undefined for a mail server. */
export function columnOf(deviceClass: DeviceClass): Benign | undefined {
  switch (deviceClass) {
    case 'iot':
    case 'appliance':
      return 'iot';
    case 'computer':
      return 'computer';
    case 'unknown':
      return 'unknown';
    case 'mailserver':
      return undefined;
  }
}

/** ln(P(cell | bot) / P(cell | class)): what one contact adds to the score. 0 for a mail server. */
export function cellLlr(cell: Cell, deviceClass: DeviceClass): number {
  const column = columnOf(deviceClass);
  if (!column) return 0;
  const row = cellProbability[cell];
  return Math.log(row.bot / row[column]);
}

/**
 * ln(P(outcome | bot) / P(outcome | benign)): what the end of a flow adds. Only N and A say anything: 0 for O, for K
 * and for a mail server.
 */
export function outcomeLlr(
  portClass: PortClass,
  relation: Relation,
  outcome: Outcome,
  deviceClass: DeviceClass,
): number {
  if (relation === 'O' || relation === 'K' || !columnOf(deviceClass)) return 0;
  const { bot, benign } = outcomeProbability[portClass][outcome];
  return Math.log(bot / benign);
}
