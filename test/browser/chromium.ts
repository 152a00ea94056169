import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { absent } from '../engines/absent.ts';

const CANDIDATES = [
  process.env.TEST_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Where this machine's Chromium is; false, and said so, when it has none. */
export function findChromium(): string | false {
  const found = CANDIDATES.find((path) => path && existsSync(path));
  return found ?? absent('Chromium', 'apt-get install chromium fonts-noto-cjk, or TEST_CHROMIUM=/path/to/chromium');
}

/** A headless browser that calls nobody but the page under test. */
export function openChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Where pictures of pages go, for people to look at: `SCREENSHOTS`, else a folder of the run. */
export function screenshotPath(name: string): string {
  pictures ??= process.env.SCREENSHOTS ?? mkdtempSync(join(tmpdir(), 'faultline-screenshots-'));
  return join(pictures, `${name}.png`);
}
let pictures: string | undefined;
