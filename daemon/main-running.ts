import type { Config } from './config/config.ts';
import type { Listener } from './conntrack/listener.ts';
import type { Feed } from './control/feed.ts';
import type { DesiredRuleset } from './enforcement/desired.ts';
import type { ApplyResult, Enforcer } from './enforcement/enforcer.ts';
import type { NftPort } from './enforcement/nft-port.ts';
import type { Input } from './engine/input.ts';
import type { State } from './engine/state.ts';
import type { LazyChronicle } from './main-chronicle.ts';
import type { NeighbourReader } from './main-identify.ts';
import type { Recorder } from './main-recorder.ts';
import type { Store } from './main-store.ts';
import type { Session } from './mqtt/session.ts';
import type { Log } from './system/log.ts';

/** What the router's DNS says of mail servers. */
export interface Names {
  /** Tells the engine by what names the servers are known, before it hears of them otherwise. */
  before(servers: readonly string[]): void;
  /** Addresses of a relay's host name, as our own resolver gave them. */
  resolved(host: string, addresses: readonly string[]): void;
  /** A configuration came into force. */
  configure(config: Config): void;
  stop(): void;
}

/** Everything that lives as long as the daemon does. */
export interface Running {
  readonly log: Log;
  readonly feed: Feed;
  readonly enforcer: Enforcer;
  /** Packets that arrived from upstream so far; undefined where the kernel does not say. */
  readArrivals(): Promise<number | undefined>;
  readonly listRules: NftPort['list'];
  readonly neighbours: NeighbourReader;
  readonly store: Store;
  readonly recorder: Recorder | undefined;
  readonly chronicle: LazyChronicle;
  state: State;
  names: Names | undefined;
  listener: Listener | undefined;
  session: Session | undefined;
  /** The last ruleset asked for. */
  ruleset: DesiredRuleset | undefined;
  /** How the last transaction ended: rulesets that were applied together share one result. */
  lastApplied: ApplyResult | undefined;
  stopped: boolean;
  /** Inputs of one moment; what the kernel should hold after the last of them is asked for before anything else. */
  dispatch(...inputs: readonly Input[]): void;
}
