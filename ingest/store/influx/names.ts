/**
 * Names as tag values and back. Line protocol has no way to write a tag value that ends in a backslash, nor an empty
 * one, so backslashes are written as `%5C`, the sign that begins such a code as `%25`, and the empty name as `%`.
 */
export function tagOf(name: string): string {
  if (name === '') return '%';
  return /[%\\]/.test(name) ? name.replaceAll('%', '%25').replaceAll('\\', '%5C') : name;
}

/** The name behind a tag value of ours. */
export function nameOf(tag: string): string {
  if (tag === '%') return '';
  return tag.includes('%') ? tag.replaceAll('%5C', '\\').replaceAll('%25', '%') : tag;
}

/** Why a name cannot be a tag value at all; null when it can. */
export function nameRefusal(what: string, name: string): string | null {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return `the ${what} holds a control character`;
  }
  return name.isWellFormed() ? null : `the ${what} is no valid Unicode text`;
}
