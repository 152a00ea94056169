import type { MqttClient } from 'mqtt';

/** What a session that asked for too much was granted, and what it heard before and after a reconnect. */
export interface Overheard {
  granted: (number | undefined)[];
  heard: { topic: string; text: string }[];
}

/**
 * Subscribes to what is allowed and what is not in one packet, leaves, lets `speak` say something to and of everybody, and
 * comes back to its stored session without asking again; then everybody is spoken to once more.
 *
 * @param connect with the same client id each time, and a session that is kept
 * @param done whether what may be heard has been
 */
export async function deniedFilters(
  connect: (prepare?: (client: MqttClient) => void) => Promise<MqttClient>,
  filters: readonly string[],
  speak: (round: 'absent' | 'back') => Promise<unknown>,
  done: (heard: Overheard['heard']) => Promise<unknown>,
): Promise<Overheard> {
  const first = await connect();
  const granted = await new Promise<(number | undefined)[]>((resolve) => {
    first.subscribe([...filters], { qos: 1 }, (_error, _grants, packet) =>
      resolve([...(packet as { granted: number[] }).granted]),
    );
  });
  await first.endAsync();
  await speak('absent');
  const heard: Overheard['heard'] = [];
  const second = await connect((client) =>
    client.on('message', (topic, payload) => heard.push({ topic, text: payload.toString() })),
  );
  await speak('back');
  await done(heard);
  await second.endAsync();
  return { granted, heard };
}
