import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Renders an SVG as a PNG with a headless browser. @returns false where there is none */
export async function renderPng(svg: string, path: string): Promise<boolean> {
  const executablePath = BROWSERS.find((one) => existsSync(one));
  if (executablePath === undefined) return false;
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg)!;
    const viewport = { width: Number(width), height: Number(height) };
    const page = await browser.newPage({ viewport, deviceScaleFactor: 1.5 });
    await page.setContent(`<body style="margin:0">${svg}</body>`);
    await page.screenshot({ path });
    return true;
  } finally {
    await browser.close();
  }
}
