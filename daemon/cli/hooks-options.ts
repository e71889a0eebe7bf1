/** What `postern hooks` was asked for. */
export interface Hooking {
  /** Of the hooks. */
  readonly folder: string;
  /** The daemon's, for events. */
  readonly socket: string;
  /** Run each hook once and end. */
  readonly test: boolean;
  /** Run them although they would have capabilities. */
  readonly allowCapabilities: boolean;
}
