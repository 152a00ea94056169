import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ConfigError, loadConfig } from './load.ts';

const folder = mkdtempSync(join(tmpdir(), 'faultline-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const problemsOf = (env: Record<string, string>): string => {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
};

test('an empty environment gives the embedded defaults', () => {
  expect(loadConfig({})).toMatchObject({ HTTP_PORT: 8080, MQTT_PORT: 1883, DATA_DIR: '.faultline', WEBHOOK_ALLOW: [] });
});

test('every wrong key is named at once, and a secret’s value never', () => {
  const text = problemsOf({ HTTP_PORT: 'eighty', DATABASE_URL: 'mysql://me:hunter2@db', PARTITIONS: '0' });
  expect(text).toMatch(/HTTP_PORT/);
  expect(text).toMatch(/DATABASE_URL: must be a URL that starts with postgres:\/\//);
  expect(text).toMatch(/PARTITIONS/);
  expect(text).not.toMatch(/hunter2/);
  const password = problemsOf({ FAULTLINE_ADMIN_PASSWORD: 'Admin-password-1234' });
  expect(password).toContain('FAULTLINE_ADMIN_PASSWORD: must not contain the login');
  expect(password).not.toContain('1234');
});

test('the environment wins over the file, a secret may come from a file of its own', () => {
  const file = join(folder, 'config.json');
  const secret = join(folder, 'password');
  writeFileSync(file, JSON.stringify({ HTTP_PORT: 9000, MQTT_PORT: 9001 }));
  writeFileSync(secret, 'a long enough password\n');
  const config = loadConfig({ FAULTLINE_CONFIG: file, MQTT_PORT: '9002', FAULTLINE_ADMIN_PASSWORD_FILE: secret });
  expect(config).toMatchObject({
    HTTP_PORT: 9000,
    MQTT_PORT: 9002,
    FAULTLINE_ADMIN_PASSWORD: 'a long enough password',
  });
});

test('a misspelt key in the file, an unreadable file and half an engine are refused', () => {
  const file = join(folder, 'misspelt.json');
  writeFileSync(file, JSON.stringify({ HTPP_PORT: 1 }));
  expect(problemsOf({ FAULTLINE_CONFIG: file })).toMatch(/HTPP_PORT: not a setting/);
  expect(problemsOf({ FAULTLINE_CONFIG: join(folder, 'absent.json') })).toMatch(/FAULTLINE_CONFIG: .*cannot be read/);
  expect(problemsOf({ INFLUX_URL: 'http://x' })).toMatch(/INFLUX_TOKEN/);
  expect(problemsOf({ NEO4J_URL: 'http://x' })).toMatch(/NEO4J_URL/);
  expect(problemsOf({ NEO4J_URL: 'bolt://x' })).toMatch(/NEO4J_PASSWORD/);
  expect(problemsOf({ GRAPH_LOAD_FROM: 'neo4j' })).toMatch(/GRAPH_LOAD_FROM: neo4j needs NEO4J_URL/);
});

test('a port for TLS without a certificate is refused, each missing file by name', () => {
  const read = () => loadConfig({ MQTT_WSS_PORT: '8884', MQTT_TLS_CERT_FILE: 'server.crt' });
  expect(read).toThrow(/MQTT_TLS_KEY_FILE: MQTT_WSS_PORT needs it/);
  expect(read).not.toThrow(/MQTT_TLS_CERT_FILE:/);
});
