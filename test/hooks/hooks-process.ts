// `postern hooks`, without the rest of the command line: the folder, the socket, and more words.
import { runHooks } from '../../daemon/main-hooks.ts';

const [folder = '', socket = '', ...words] = process.argv.slice(2);
const code = await runHooks({
  ...{ folder, socket },
  test: words.includes('--test'),
  allowCapabilities: words.includes('--allow-capabilities'),
});
process.exit(code);
