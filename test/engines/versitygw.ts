import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Settings } from '../../ingest/store/s3/objects.ts';
import { freePort } from './absent.ts';
import { answers, endServer, launchServer } from './serverProcess.ts';

export const HOW_TO_GET_S3 =
  'go install github.com/versity/versitygw/cmd/versitygw@v1.8.0, or set TEST_S3_URL (with a bucket), TEST_S3_ACCESS_KEY and TEST_S3_SECRET_KEY';
const CANDIDATES = [
  process.env.TEST_VERSITYGW,
  join(homedir(), '.cache', 'faultline-engines', 'versitygw'),
  join(homedir(), 'go', 'bin', 'versitygw'),
];
const READY_WITHIN_MS = 20_000;
const BUCKET = 'waveforms';

/** A running S3 service with an empty bucket. */
export interface S3Engine {
  settings: S3Settings;
  /** Where the bucket's objects are as files, to be lost or damaged; null when the service is somebody else's. */
  folder: string | null;
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

function found(): string | undefined {
  return CANDIDATES.find((path) => path !== undefined && existsSync(path));
}

export function s3IsHere(): boolean {
  return process.env.TEST_S3_URL !== undefined || found() !== undefined;
}

/** The S3 of `TEST_S3_URL`, or a versitygw of our own on a free port and a throw-away folder. */
export async function startS3(): Promise<S3Engine> {
  const given = process.env.TEST_S3_URL;
  if (given) return foreign(given);
  const root = mkdtempSync(join(tmpdir(), 'faultline-s3-'));
  mkdirSync(join(root, BUCKET)); // a folder is a bucket
  const port = await freePort();
  const settings: S3Settings = {
    url: `http://127.0.0.1:${port}/${BUCKET}`,
    accessKey: 'faultline',
    secretKey: randomBytes(20).toString('hex'),
    region: 'us-east-1',
  };
  let child = await launched(root, port, settings);
  const end = () => endServer(child, 'SIGKILL');
  return {
    settings,
    folder: join(root, BUCKET),
    kill: end,
    restart: async () => {
      await end();
      child = await launched(root, port, settings);
    },
    stop: async () => {
      await end();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function foreign(url: string): S3Engine {
  const no = async () => {
    throw new Error('the S3 of TEST_S3_URL is not ours to stop');
  };
  const { TEST_S3_ACCESS_KEY: accessKey = '', TEST_S3_SECRET_KEY: secretKey = '' } = process.env;
  const settings = { url, accessKey, secretKey, region: process.env.TEST_S3_REGION ?? 'us-east-1' };
  return { settings, folder: null, kill: no, restart: no, stop: async () => undefined };
}

async function launched(root: string, port: number, settings: S3Settings): Promise<ChildProcess> {
  const binary = found();
  if (!binary) throw new Error(`no S3 service on this machine: ${HOW_TO_GET_S3}`);
  return launchServer(binary, ['--port', `127.0.0.1:${port}`, 'posix', root], {
    spawn: { stdio: 'ignore', env: { ROOT_ACCESS_KEY: settings.accessKey, ROOT_SECRET_KEY: settings.secretKey } },
    isReady: () => answers(`http://127.0.0.1:${port}/`), // 403: nobody is signed in, but somebody is there
    readyWithinMs: READY_WITHIN_MS,
  });
}
