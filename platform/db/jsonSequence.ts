/** RFC 7464's separator; JSON texts never contain it, since control characters are escaped in them. */
const RECORD_SEPARATOR = '\x1e';

/**
 * Many JSON documents as one text parameter; {@link jsonArray} turns it back into documents. An array parameter would
 * escape every quote of every document once more and have the server undo it: a third of the cost of writing them.
 */
export function jsonSequence(documents: readonly unknown[]): string {
  return documents.map((document) => JSON.stringify(document)).join(RECORD_SEPARATOR);
}

/** SQL for the documents of a `jsonSequence` parameter such as `$3`, as an array in the given type. */
export function jsonArray(parameter: `$${number}`, type: 'json' | 'jsonb'): string {
  return `string_to_array(${parameter}::text, chr(30))::${type}[]`;
}
