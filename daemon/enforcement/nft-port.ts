/** How one run of nft ended. */
export interface NftResult {
  /** Exit code; -1 where it could not be started, was killed, or wrote more than it may. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** It wrote more than `maxBytes` and was ended. */
  readonly isTooLong?: boolean;
}

/** The only way to nftables. Neither function ever rejects. */
export interface NftPort {
  /** Runs one transaction given as libnftables JSON: all of it or none of it. */
  apply(json: string): Promise<NftResult>;
  /** Runs `nft -j ARGS`, which only lists. */
  list(args: readonly string[], maxBytes: number): Promise<NftResult>;
}

/** What was asked for is not there. */
export function isAbsent({ stderr }: NftResult): boolean {
  return stderr.includes('No such file or directory');
}

/** The first line of nft's complaint, for the log. */
export function reasonOf({ code, stderr }: NftResult): string {
  return stderr.trim().split('\n')[0]?.slice(0, 200) || `nft ended with code ${code}`;
}
