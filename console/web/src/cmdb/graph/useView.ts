import { type PointerEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { Layout, Point } from './layout.ts';

const STEP = 1.25;
const LEAST = 0.15;
const MOST = 2.5;
/** Text smaller than this is not read: a large picture begins at its middle instead of being shrunk further. */
const LEGIBLE = 0.55;
/** A pointer that moved less than this has clicked. */
const CLICK_PX = 4;

export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/**
 * Moves and scales a picture by pointer, wheel and buttons.
 * @param focus the box that a new layout begins with, where it does not fit as a whole
 */
export function useView(svg: RefObject<SVGSVGElement | null>, layout: Layout, focus: RefObject<string | null>) {
  const [view, setView] = useState<View>({ scale: 1, x: 0, y: 0 });
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);

  const frame = useCallback(
    (least: number) => {
      const box = svg.current?.getBoundingClientRect();
      if (!box || box.width === 0) return;
      const whole = Math.min(box.width / layout.width, box.height / layout.height);
      const scale = Math.min(1.15, Math.max(least, whole));
      const centred = (size: number, drawn: number, at: number) => {
        if (drawn * scale <= size) return (size - drawn * scale) / 2;
        return Math.min(0, Math.max(size - drawn * scale, size / 2 - at * scale));
      };
      const { x, y } = layout.places.get(focus.current ?? '') ?? { x: layout.width / 2, y: layout.height / 2 };
      setView({ scale, x: centred(box.width, layout.width, x), y: centred(box.height, layout.height, y) });
    },
    [svg, layout, focus],
  );
  useEffect(() => {
    const element = svg.current;
    if (!element) return;
    let width = 0;
    // Told at once, and whenever the window is turned or made narrower.
    const watch = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width !== width) frame(LEGIBLE);
      width = entry?.contentRect.width ?? 0;
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [svg, frame]);

  const zoom = useCallback(
    (factor: number, at?: Point) => {
      const box = svg.current?.getBoundingClientRect();
      const { x, y } = at ?? { x: (box?.width ?? 0) / 2, y: (box?.height ?? 0) / 2 };
      setView((old) => {
        const scale = Math.min(MOST, Math.max(LEAST, old.scale * factor));
        const grown = scale / old.scale;
        return { scale, x: x - (x - old.x) * grown, y: y - (y - old.y) * grown };
      });
    },
    [svg],
  );
  useEffect(() => {
    const element = svg.current;
    if (!element) return;
    // With the key, as in maps: a page is scrolled over a picture without being caught by it.
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      zoom(event.deltaY < 0 ? STEP : 1 / STEP, { x: event.clientX - box.left, y: event.clientY - box.top });
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [svg, zoom]);

  return {
    view,
    showAll: () => frame(LEAST),
    zoomIn: () => zoom(STEP),
    zoomOut: () => zoom(1 / STEP),
    /** Brings a place into sight, for whoever walks by keyboard. */
    reveal: ({ x, y }: Point) => {
      const box = svg.current?.getBoundingClientRect();
      if (!box) return;
      setView((old) => {
        const [atX, atY] = [old.x + x * old.scale, old.y + y * old.scale];
        const inside = atX > 60 && atX < box.width - 60 && atY > 30 && atY < box.height - 30;
        return inside ? old : { ...old, x: box.width / 2 - x * old.scale, y: box.height / 2 - y * old.scale };
      });
    },
    pointer: {
      onPointerDown: (event: PointerEvent<SVGSVGElement>) => {
        drag.current = { x: event.clientX, y: event.clientY, moved: false };
      },
      onPointerMove: (event: PointerEvent<SVGSVGElement>) => {
        const from = drag.current;
        if (!from || event.buttons === 0) return;
        const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
        if (!from.moved && Math.hypot(dx, dy) < CLICK_PX) return;
        if (!from.moved) event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, y: event.clientY, moved: true };
        setView((old) => ({ ...old, x: old.x + dx, y: old.y + dy }));
      },
      onPointerUp: () => {
        drag.current = null;
      },
    },
  };
}
