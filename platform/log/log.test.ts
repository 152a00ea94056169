import { expect, test } from 'vitest';
import { createLog } from './log.ts';

test('secrets are replaced wherever they stand', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  log.info({ password: 'p1', device: { token: 't1' }, request: { headers: 'h' } }, 'hello');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: 'info',
    password: '[redacted]',
    device: { token: '[redacted]' },
    msg: 'hello',
  });
});
