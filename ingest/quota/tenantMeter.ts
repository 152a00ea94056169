import type { Clock, Timer } from '../../platform/index.ts';

/** What a tenant may use; null is without a limit. */
export interface QuotaLimits {
  maxConnections: number | null;
  messagesPerSecond: number | null;
  bytesPerSecond: number | null;
}

export const UNLIMITED: QuotaLimits = { maxConnections: null, messagesPerSecond: null, bytesPerSecond: null };

/** A bucket holds what may be used in one second. */
const BURST_S = 1;
/** Those who wait are woken in steps, not one message at a time. */
const STEP_MS = 20;

/**
 * One tenant's use in this process, and the measure against its quota: a token bucket each for messages and for payload
 * bytes. Who finds them empty waits in a queue and goes on when there is room: nothing is dropped.
 */
export class TenantMeter {
  readonly tenantId: string;
  readonly tenantSlug: string;
  /** Plain numbers: the hot path adds to them. */
  connections = 0;
  messages = 0;
  bytes = 0;
  refusedConnections = 0;
  /** How often somebody had to wait. */
  slowed = 0;
  /** Whether a rate is limited at all: otherwise nothing below is asked. */
  isLimited = false;
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #limits: QuotaLimits = UNLIMITED;
  #elsewhere = 0;
  #messageTokens = Number.POSITIVE_INFINITY;
  #byteTokens = Number.POSITIVE_INFINITY;
  #filledAtMs = 0;
  #timer: Timer | null = null;

  constructor(clock: Clock, tenantId: string, tenantSlug: string) {
    this.#clock = clock;
    this.tenantId = tenantId;
    this.tenantSlug = tenantSlug;
  }

  get limits(): QuotaLimits {
    return this.#limits;
  }

  /**
   * The quota as it is now, and who else serves this tenant: a rate is divided evenly by the processes, connections are
   * counted together.
   */
  limit(limits: QuotaLimits, others: { processes: number; connections: number }): void {
    const share = 1 + others.processes;
    this.#elsewhere = others.connections;
    const rates = [limits.messagesPerSecond, limits.bytesPerSecond].map((rate) => rate && rate / share);
    const before = this.#limits;
    this.#limits = { ...limits, messagesPerSecond: rates[0]!, bytesPerSecond: rates[1]! };
    if (before.messagesPerSecond === rates[0] && before.bytesPerSecond === rates[1]) return;
    this.isLimited = rates[0] !== null || rates[1] !== null;
    // What was used up stays used up, or a rate that is divided anew each second would be a full bucket each second.
    this.#messageTokens = kept(this.#messageTokens, rates[0]!);
    this.#byteTokens = kept(this.#byteTokens, rates[1]!);
    this.#filledAtMs = this.#clock.nowMs();
    this.#wake();
  }

  /** Whether one more connection is within the quota. */
  admitsConnection(): boolean {
    const { maxConnections } = this.#limits;
    return maxConnections === null || this.connections + this.#elsewhere < maxConnections;
  }

  /** Whether a message may be taken now. A large one may overdraw its bucket; the next waits the longer. */
  hasRoom(): boolean {
    if (!this.isLimited) return true;
    this.#refill();
    return this.#messageTokens >= 1 && this.#byteTokens > 0;
  }

  /** A message was taken. */
  took(bytes: number): void {
    this.messages++;
    this.bytes += bytes;
    if (!this.isLimited) return;
    this.#messageTokens--;
    this.#byteTokens -= bytes;
  }

  /** Calls back once, when there is room; the longest waiting first. */
  wait(resume: () => void): void {
    this.slowed++;
    this.#waiting.push(resume);
    this.#timer ??= this.#clock.setTimer(STEP_MS, () => this.#wake());
  }

  /** Forgets one that waited and is gone. */
  leave(resume: () => void): void {
    const at = this.#waiting.indexOf(resume);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  #wake(): void {
    this.#timer?.cancel();
    this.#timer = null;
    // Whoever waits again in its turn goes to the end, behind those that have not had theirs.
    for (let turns = this.#waiting.length; turns > 0 && this.hasRoom(); turns--) this.#waiting.shift()?.();
    if (this.#waiting.length > 0) this.#timer ??= this.#clock.setTimer(STEP_MS, () => this.#wake());
  }

  #refill(): void {
    const nowMs = this.#clock.nowMs();
    const elapsedS = (nowMs - this.#filledAtMs) / 1000;
    if (elapsedS <= 0) return;
    this.#filledAtMs = nowMs;
    const { messagesPerSecond, bytesPerSecond } = this.#limits;
    this.#messageTokens = refilled(this.#messageTokens, messagesPerSecond, elapsedS);
    this.#byteTokens = refilled(this.#byteTokens, bytesPerSecond, elapsedS);
  }
}

function kept(tokens: number, perSecond: number | null): number {
  return perSecond === null ? Number.POSITIVE_INFINITY : Math.min(tokens, capacity(perSecond));
}

function capacity(perSecond: number | null): number {
  // Less than one message a second still lets one through at a time.
  return perSecond === null ? Number.POSITIVE_INFINITY : Math.max(1, perSecond * BURST_S);
}

function refilled(tokens: number, perSecond: number | null, elapsedS: number): number {
  return perSecond === null ? Number.POSITIVE_INFINITY : Math.min(capacity(perSecond), tokens + perSecond * elapsedS);
}
