/**
 * What takes back a flag of V8 that the service is started with (see `postern.init`), by the flag's name. The order matters:
 * the first of them sets the fourth.
 */
const takenBack: Readonly<Record<string, string>> = {
  '--optimize-for-size': '--no-optimize-for-size',
  '--no-opt': '--opt',
  '--no-sparkplug': '--sparkplug',
  '--max-semi-space-size': '--max-semi-space-size=0',
  '--max-old-space-size': '--max-old-space-size=0',
};

/** Under these code may not be made at all. Node 24 crashes in what a compiler makes that is switched on then. */
const withoutCode: readonly string[] = ['--lite-mode', '--jitless'];

const nameOf = (flag: string) => flag.replace(/=.*/, '').replaceAll('_', '-');

/**
 * Lets Node's own modules be loaded with the compiled code that they come with: V8 takes it only under the flags that it was
 * made under, which are none, and compiles each module anew under others. Returns what sets the flags again, as our own code
 * is to have no compiler; the sizes of the heap were fixed when V8 began, and stay. `flags` are those that Node was started
 * with. Does nothing where none is the service's, nor with `lowmem`. On Node 22 and 24, `--no-opt` implies what `--opt` does not take back: there the
 * modules are compiled as ever.
 */
function useBuiltInCode(flags: readonly string[]): () => void {
  const given = flags.filter((flag) => nameOf(flag) in takenBack);
  if (given.length === 0 || flags.some((flag) => withoutCode.includes(nameOf(flag)))) return () => undefined;
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  for (const [flag, words] of Object.entries(takenBack)) {
    if (given.some((one) => nameOf(one) === flag)) setFlagsFromString(words);
  }
  return () => {
    for (const flag of given) setFlagsFromString(flag);
  };
}

/** Sets the flags of V8 again; to be called when what the daemon starts with is loaded. */
export const restoreFlags = useBuiltInCode(process.execArgv);
