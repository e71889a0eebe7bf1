/** Exit codes, as documented by --help; from 69 on they are those of sysexits.h. */
export const exitCodes = { ok: 0, refused: 1, usage: 2, unavailable: 69, fault: 70, config: 78 } as const;
