import type { InfluxEngine } from '../../engines/influxdb.ts';
import type { MosquittoEngine } from '../../engines/mosquitto.ts';

/**
 * Telegraf as well as its documentation allows: persistent sessions at QoS 1, acknowledged after the output
 * (max_undelivered_messages), batches of 5,000, a flush as often as it may be, two consumers sharing one subscription.
 */
export function telegrafConfiguration(options: {
  mosquitto: MosquittoEngine;
  user: { name: string; password: string };
  influx: InfluxEngine;
  bucket: string;
}): string {
  const { mosquitto, user, influx, bucket } = options;
  const consumer = (number: number): string => `
[[inputs.mqtt_consumer]]
  servers = ["tcp://${mosquitto.host}:${mosquitto.port}"]
  topics = ["$share/telegraf/fl/1/+/+/telemetry"]
  client_id = "telegraf-${number}"
  username = "${user.name}"
  password = "${user.password}"
  qos = 1
  persistent_session = true
  max_undelivered_messages = 50000
  data_format = "json_v2"
  [[inputs.mqtt_consumer.topic_parsing]]
    topic = "fl/1/+/+/telemetry"
    tags = "_/_/_/device/_"
  [[inputs.mqtt_consumer.json_v2]]
    measurement_name = "reading"
    timestamp_path = "time"
    timestamp_format = "unix_ns"
    [[inputs.mqtt_consumer.json_v2.tag]]
      path = "samples.0.point"
      rename = "point"
    [[inputs.mqtt_consumer.json_v2.field]]
      path = "samples.0.value"
      rename = "value"
      type = "float"
`;
  return `
[agent]
  interval = "1s"
  flush_interval = "1s"
  flush_jitter = "0s"
  metric_batch_size = 5000
  metric_buffer_limit = 1000000
  precision = "1ns"
  omit_hostname = true
  skip_processors_after_aggregators = true
[[outputs.influxdb_v2]]
  urls = ["${influx.url}"]
  token = "${influx.token}"
  organization = "${influx.org}"
  bucket = "${bucket}"
  content_encoding = "gzip"
${consumer(1)}${consumer(2)}`;
}
