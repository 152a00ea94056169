/** An answer of the API that is not a success; carries what the API told. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly code: string;

  constructor(method: string, path: string, status: number, body: unknown) {
    const { code = 'UNKNOWN', message = '' } =
      (body as { error?: { code?: string; message?: string } })?.error ??
      (body as { code?: string; message?: string }) ??
      {};
    super(`${method} ${path} answered ${status} ${code}: ${message}`);
    this.status = status;
    this.code = code;
  }
}

/** Speaks to the HTTP API as one signed-in person. */
export class Api {
  readonly #url: string;
  #token: string | undefined;

  constructor(httpUrl: string) {
    this.#url = httpUrl.replace(/\/$/, '');
  }

  async signIn(login: string, password: string, tenant?: string): Promise<void> {
    const opened = await this.post<{ token: string }>('/api/v1/session', {
      login,
      password,
      ...(tenant === undefined ? {} : { tenant }),
    });
    this.#token = opened.token;
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>('GET', path);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>('POST', path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>('PUT', path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>('PATCH', path, body);
  }

  /** An answer that is not JSON, such as that of /metrics. */
  async text(path: string): Promise<string> {
    const response = await this.#send('GET', path);
    const text = await response.text();
    if (!response.ok) throw new ApiError('GET', path, response.status, parseJson(text));
    return text;
  }

  /** All pages of a list. */
  async list<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: T[]; nextCursor: string | null } = await this.get(
        cursor === null ? path : `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`,
      );
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return items;
  }

  #send(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#send(method, path, body);
    const text = await response.text();
    const answer: unknown = text === '' ? undefined : parseJson(text);
    if (!response.ok) throw new ApiError(method, path, response.status, answer);
    return answer as T;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.slice(0, 200) };
  }
}
