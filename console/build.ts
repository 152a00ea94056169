import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const WEB = new URL('./web/', import.meta.url).pathname;
const INDEX = new URL('./dist/index.html', import.meta.url).pathname;

/** When the newest of the console's sources was written, milliseconds since the epoch. */
function newestSourceMs(): number {
  const files = readdirSync(WEB, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((file) => statSync(join(file.parentPath, file.name)).mtimeMs));
}

/** Builds the console unless what is built is newer than its sources. An installation without the tools goes without. */
export async function buildConsole(): Promise<'built' | 'fresh' | 'no-tools'> {
  if (existsSync(INDEX) && statSync(INDEX).mtimeMs >= newestSourceMs()) return 'fresh';
  const vite = await import('vite').catch(() => null);
  if (!vite) return 'no-tools';
  await vite.build({ root: WEB, configFile: join(WEB, 'vite.config.ts'), logLevel: 'error' });
  return 'built';
}

if (import.meta.main) {
  const result = await buildConsole();
  if (result === 'no-tools')
    process.stderr.write(
      'The console is not built: this installation has no development packages. The API runs without.\n',
    );
}
