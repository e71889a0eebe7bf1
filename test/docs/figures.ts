import { type Benign, type Cell, cellProbability, outcomeProbability } from '../../daemon/detection/table.ts';
import { thresholdsOf } from '../../daemon/detection/thresholds.ts';
import {
  type Budget,
  commandBytes,
  deviceBudgets,
  type Rate,
  slowedCommands,
  strangerBudgets,
} from '../../daemon/enforcement/budgets.ts';
import { bounds } from '../../daemon/enforcement/sets.ts';
import { maxStateBytes, mostUnsent } from '../../daemon/engine/fit-snapshot.ts';
import { remoteHolds } from '../../daemon/engine/on-remote-request.ts';
import { burst, refillMs } from '../../daemon/engine/storm.ts';
import { maxReceivedBytes } from '../../daemon/mqtt/broker-port.ts';
import { connectOptionsOf } from '../../daemon/mqtt/connect-options.ts';
import { outboxLimits } from '../../daemon/mqtt/outbox.ts';
import { messagesPerSecond } from '../../daemon/mqtt/pace.ts';
import { maxRequestBytes, requestsPerMinute } from '../../daemon/mqtt/requests.ts';
import { sessionTimeouts } from '../../daemon/mqtt/session.ts';
import { clientIdOf, topicsOf } from '../../daemon/mqtt/topics.ts';
import { mostJoining, mostLabels } from '../../daemon/names/name-book.ts';
import { providerList } from '../detection/provider-data.ts';
import { mqttConfig } from '../mqtt/documents.ts';

const grouped = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
const spoken = ({ perHour, burst }: Rate) => `${perHour} an hour, ${burst} at once`;
const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const budgetRow = (who: string, { connections, commands }: Budget) =>
  row(who, spoken(connections), spoken(commands));

/** The figures of docs/limits.md as the code has them, each as it must stand on the page. */
export function figuresOfLimits(): string[] {
  const [from4, to4] = commandBytes[4];
  const [from6, to6] = commandBytes[6];
  return [
    `${from4} to ${to4} bytes over IPv4, ${from6} to ${to6} over IPv6`,
    budgetRow('a device', deviceBudgets.default),
    budgetRow('a device of class `iot`', deviceBudgets.iot),
    budgetRow('all strangers of a network', strangerBudgets.default),
    budgetRow('all strangers of a network of class `iot`', strangerBudgets.iot),
    `${slowedCommands.perHour} command packets an hour, ${slowedCommands.burst} at once`,
    row('devices in each ban set', grouped(bounds.held)),
    row('devices with a budget of their own', grouped(bounds.known)),
    row('strangers with a budget of their own', grouped(bounds.strangers)),
    row('declared mail servers', grouped(bounds.exempt)),
    row('relays', grouped(bounds.relays)),
    row('relays given as prefixes', grouped(bounds.relayNets)),
    row('live connections that a ban ended, each of IPv4 and IPv6', grouped(bounds.cuts)),
    row(
      "sources in a network's ledger",
      `${grouped(bounds.ledger)} known, ${grouped(bounds.ledgerNew)} strangers`,
    ),
    row('refused attempts', `${grouped(bounds.attempts)} known, ${grouped(bounds.attemptsNew)} strangers`),
    row('networks', grouped(bounds.networks)),
    row(
      "addresses that the router's DNS gave out (`dns_log`)",
      `${grouped(mostLabels)}, and ${grouped(mostJoining)} whose name counts`,
    ),
  ];
}

/** The figures in the prose of docs/mqtt.md as the code has them; its tables are made anew by mqtt-page.ts. */
export function figuresOfMqtt(): string[] {
  const kb = (bytes: number) => `${bytes / 1024} KB`;
  const s = (ms: number) => `${ms / 1000} s`;
  const { firstRetryMs, publishMs, retryMs } = sessionTimeouts(0);
  const node = 'x'.repeat(99);
  const id = clientIdOf(node);
  const keepaliveS = connectOptionsOf(mqttConfig, node, topicsOf('postern', node), 1)?.keepaliveS ?? 0;
  return [
    `at most ${id.length} characters`,
    `of a name above ${id.length - 'postern-'.length} characters`,
    `At most ${outboxLimits.events} wait`,
    `the last ${mostUnsent} outlive a restart, or as many of them as the state file (${kb(maxStateBytes)}) has room for`,
    `no second has more than ${messagesPerSecond} messages`,
    `is tried again after ${s(firstRetryMs)}, then every ${retryMs / 1000} to ${s(sessionTimeouts(1).retryMs)}`,
    `An answer that does not come within ${s(publishMs)} counts as a lost connection`,
    // A broker that hears nothing waits one and a half times as long (MQTT 3.1.1, 3.1.2.10).
    `as the will, after ${1.5 * keepaliveS} s at most`,
    `${requestsPerMinute} a minute are carried out; a payload may have ${kb(maxRequestBytes)}`,
    `of messages above ${kb(maxReceivedBytes)} only the beginning is read`,
    `at most ${remoteHolds} devices are held over MQTT at once`,
    `of events about devices ${burst} are sent one by one, and one more for every ${s(refillMs)} since`,
  ];
}

/** The figures of docs/detection.md as the code has them. */
export function figuresOfDetection(): string[] {
  const cells = Object.keys(cellProbability) as Cell[];
  const cellRow = (title: string, column: 'bot' | Benign) =>
    row(title, ...cells.map((cell) => String(cellProbability[cell][column])));
  const { M, S } = outcomeProbability;
  return [
    row('', ...cells).replace('|  |', '| |'),
    `those of one of the ${providerList.providers.length} providers in`,
    cellRow('bot', 'bot'),
    cellRow('iot, appliance', 'iot'),
    cellRow('computer', 'computer'),
    cellRow('unknown', 'unknown'),
    ...(['delivered', 'short', 'no service'] as const).map((outcome) =>
      row(outcome, ...[M, S].flatMap((port) => [String(port[outcome].bot), String(port[outcome].benign)])),
    ),
    ...(['relaxed', 'normal', 'strict'] as const).map((preset) => {
      const { restrict, block } = thresholdsOf(preset);
      return row(`\`${preset}\``, String(restrict), String(block));
    }),
  ];
}
