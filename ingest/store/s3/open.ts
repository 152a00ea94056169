import type { Objects, S3Settings } from './objects.ts';

/** Opens a bucket. The client is loaded only where one is used. */
export async function openObjects(settings: S3Settings): Promise<Objects> {
  const { s3Objects } = await import('./objects.ts');
  return s3Objects(settings);
}
