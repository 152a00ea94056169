const PROTOCOL = /^(?:bdSeq$|(?:Node|Device) Control\/)/;

/** Metrics by which Sparkplug governs itself: they are no readings. */
export function isProtocolMetric(name: string): boolean {
  return PROTOCOL.test(name);
}

/** The point of a metric: the folders of its name are set apart by dots, for a slash separates device and point with us. */
export function pointNameOf(metricName: string): string {
  return metricName.replaceAll('/', '.');
}
