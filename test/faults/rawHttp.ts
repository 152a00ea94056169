import type { Loaded } from './loaded.ts';
import { PASSWORD } from './platform.ts';

/** Sends exactly these bytes, signed in as the administrator, and tells the answer whatever it is. */
export type RawHttp = (
  method: string,
  path: string,
  body?: Buffer | string,
  headers?: Record<string, string>,
) => Promise<{ status: number; text: string }>;

export async function rawHttp(run: Loaded): Promise<RawHttp> {
  const { token } = await run.api.post<{ token: string }>('/api/v1/session', { login: 'admin', password: PASSWORD });
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${run.platform.child.httpUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    });
    return { status: response.status, text: await response.text() };
  };
}
