import { describe, expect, it } from 'vitest';
import { highlight } from './highlight.ts';
import { nearWords } from './nearWords.ts';
import { queryTerms } from './queryTerms.ts';
import { sharedBeginning } from './stem.ts';
import { folded, indexWords } from './words.ts';

const words = (text: string) => indexWords(folded(text)).words.map(({ word }) => word);
const asks = (text: string) => queryTerms(text).map(({ tsquery }) => tsquery);
const marked = (text: string, question: string) => {
  const fragment = highlight(text, queryTerms(question));
  return fragment?.marks.map(({ from, to }) => fragment.text.slice(from, to)) ?? null;
};

describe('words of an index', () => {
  it('takes Chinese by neighbouring pairs, the last character alone', () => {
    expect(words('循环水泵')).toEqual(['循环', '环水', '水泵', '泵']);
    expect(words('2号泵')).toEqual(['2', '号泵', '泵']);
  });
  it('takes codes by their parts and squeezed together, in one form of each character', () => {
    expect(words('P-101A')).toEqual(['p101a', 'p', '101a']);
    expect(words('Ｐ－101Ａ')).toEqual(['p101a', 'p', '101a']);
    expect(words('SRV01')).toEqual(['srv01', '01']);
    expect(words('10.20.30.40/24')).toEqual(['10', '20', '30', '40', '24']);
    expect(words("O'Neil; drop table")).toEqual(['o', 'neil', 'drop', 'table']);
  });
  it('counts positions in words, so that neighbours are neighbours', () => {
    expect(indexWords('p-101a 水泵').words).toEqual([
      { word: 'p101a', position: 1 },
      { word: 'p', position: 1 },
      { word: '101a', position: 2 },
      { word: '水泵', position: 3 },
      { word: '泵', position: 4 },
    ]);
  });
});

describe('terms of a question', () => {
  it('asks for words of a Chinese question, each as a chain of pairs', () => {
    expect(asks('水')).toEqual(["'水':*"]);
    expect(asks('水泵')).toEqual(["('水泵')"]);
    expect(asks('水泵振动').length).toBeGreaterThan(1);
  });
  it('asks for the beginning that forms of an English word share', () => {
    expect(asks('Bearings')).toEqual(["('bearings' | 'bearing':*)"]);
    expect(['batteries', 'battery', 'pumps', 'pump', 'class', 'services'].map(sharedBeginning)).toEqual([
      ...['batter', 'batter', 'pump', 'pump', 'class', 'servic'],
    ]);
  });
  it('asks for codes as they may be written, and for addresses by neighbouring parts', () => {
    expect(asks('P-101')).toEqual(["(('p' <-> '101':*) | 'p101':*)"]);
    expect(asks('p101')).toEqual(["('p101':* | ('p' <-> '101':*))"]);
    expect(asks('10.20.3')).toEqual(["(('10' <-> '20' <-> '3':*))"]);
    expect(asks('- … "\' ! & |')).toEqual([]);
  });
});

describe('highlights', () => {
  it('marks what was asked for, however it is written', () => {
    expect(marked('二号循环水泵 P-101A', 'p101a 水泵')).toEqual(['水泵', 'P-101A']);
    expect(marked('Main Bearings', 'bearing')).toEqual(['Bearings']);
    expect(marked('Ｐ１０１泵', 'p101')).toEqual(['Ｐ１０１']);
    expect(marked('nothing', 'bearing')).toBeNull();
    const long = highlight(`${'x '.repeat(200)}bearing ${'y '.repeat(200)}`, queryTerms('bearing'))!;
    expect(long.text.length).toBe(160);
    expect(long.text.slice(long.marks[0]!.from, long.marks[0]!.to)).toBe('bearing');
  });
});

describe('typing errors', () => {
  it('finds what was meant, nearest first', () => {
    expect(nearWords('baering', ['bearing', 'boring', 'gearing'], 3)).toEqual(['bearing']);
    expect(nearWords('compresser', ['compressor', 'compression', 'compact'], 3)[0]).toBe('compressor');
    expect(nearWords('pmp', ['pump'], 3)).toEqual([]);
  });
});
