/** Something that runs: its constructor is inert, `start` may fail, `stop` may be called more than once. */
export interface Service {
  start(): Promise<void>;
  stop(): Promise<void>;
}
