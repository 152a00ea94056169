import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

export interface S3Settings {
  /** `http(s)://host[:port]/bucket[/prefix]`. */
  url: string;
  accessKey: string;
  secretKey: string;
  region: string;
}

/** Larger objects travel in parts, so that a broken connection costs a part, and memory stays bounded. */
const PART_BYTES = 8 * 1024 * 1024;
const CONNECT_MS = 5_000;
const REQUEST_MS = 30_000;
const DELETED_AT_ONCE = 1000;

/** Objects of one bucket, by key below the settings' prefix. Nothing is tried twice here: holding is the caller's. */
export interface Objects {
  put(key: string, body: Uint8Array): Promise<void>;
  /** Null: there is none of that key. */
  get(key: string): Promise<Uint8Array | null>;
  /** Deleting what is not there is no fault. */
  delete(keys: readonly string[]): Promise<void>;
  /** Fails when the bucket cannot be had with these credentials. */
  ping(): Promise<void>;
  close(): void;
}

export function s3Objects(settings: S3Settings): Objects {
  const url = new URL(settings.url);
  const [bucket = '', ...prefix] = url.pathname.split('/').filter((part) => part !== '');
  if (bucket === '') throw new Error('S3_URL names no bucket: write http(s)://host:port/bucket');
  const inBucket = (key: string) => ({ Bucket: bucket, Key: [...prefix, key].join('/') });
  const client = new S3Client({
    endpoint: url.origin,
    region: settings.region,
    forcePathStyle: true,
    credentials: { accessKeyId: settings.accessKey, secretAccessKey: settings.secretKey },
    maxAttempts: 1,
    // What comes back is held against the SHA-256 of its row; what goes out, by TLS or by the signature.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: REQUEST_MS, throwOnRequestTimeout: true },
  });

  const putInParts = async (key: string, body: Uint8Array): Promise<void> => {
    const place = inBucket(key);
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(place));
    try {
      const Parts: CompletedPart[] = [];
      for (let at = 0, PartNumber = 1; at < body.length; at += PART_BYTES, PartNumber++) {
        const Body = body.subarray(at, at + PART_BYTES);
        const { ETag } = await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber, Body }));
        Parts.push({ ETag, PartNumber });
      }
      await client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }));
    } catch (error) {
      await client.send(new AbortMultipartUploadCommand({ ...place, UploadId })).catch(() => undefined);
      throw error;
    }
  };

  return {
    put: async (key, body) => {
      if (body.length > PART_BYTES) return putInParts(key, body);
      await client.send(new PutObjectCommand({ ...inBucket(key), Body: body }));
    },
    get: async (key) => {
      try {
        const { Body } = await client.send(new GetObjectCommand(inBucket(key)));
        return (await Body?.transformToByteArray()) ?? new Uint8Array(0);
      } catch (error) {
        if ((error as { name?: string }).name === 'NoSuchKey') return null;
        throw error;
      }
    },
    delete: async (keys) => {
      for (let start = 0; start < keys.length; start += DELETED_AT_ONCE) {
        const Objects = keys.slice(start, start + DELETED_AT_ONCE).map((key) => ({ Key: inBucket(key).Key }));
        const { Errors } = await client.send(
          new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
        );
        if (Errors?.length) throw new Error(`${Errors.length} objects were not deleted: ${Errors[0]!.Message}`);
      }
    },
    ping: async () => {
      await client.send(new HeadBucketCommand({ Bucket: bucket }));
    },
    close: () => client.destroy(),
  };
}
