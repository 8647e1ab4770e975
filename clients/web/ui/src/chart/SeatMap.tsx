import { useCallback, useEffect, useId, useMemo, useRef, useState, type ReactNode } from 'react';
import { useLatest } from '../hooks/useLatest';
import { useI18n } from '../i18n/core';
import type { AvailabilityMap } from './availability';
import { MapEngine } from './engine';
import { handleMapKey, listenToPointers, type MapGestureHandlers } from './gestures';
import type { ChartModel, Place } from './model';
import { PlaceText, describePlace } from './PlaceText';
import { freeBySection, readTheme, type MapTheme, type Scene } from './scene';
import type { Money } from '../gen/messages';

export interface SeatMapProps {
  model: ChartModel;
  availability: AvailabilityMap | undefined;
  /** By the key of the category. */
  prices: ReadonlyMap<string, Money>;
  selection: ReadonlyMap<number, number>;
  conflicts?: ReadonlySet<number>;
  category?: number | undefined;
  onPick: (place: Place) => void;
}

const kNothing: ReadonlySet<number> = new Set();

interface Tip {
  x: number;
  y: number;
  place?: Place;
  section?: number;
}

function useTheme(element: React.RefObject<HTMLElement | null>): MapTheme | undefined {
  const [theme, setTheme] = useState<MapTheme>();
  useEffect(() => {
    const read = () => element.current && setTheme(readTheme(element.current));
    read();
    const observer = new MutationObserver(read);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', read);
    return () => {
      observer.disconnect();
      dark.removeEventListener('change', read);
    };
  }, [element]);
  return theme;
}

/** The engine for a model, alive as long as the canvas; every new scene is handed to it. */
function useEngine(canvas: React.RefObject<HTMLCanvasElement | null>, scene: Scene | undefined): React.RefObject<MapEngine | null> {
  const engine = useRef<MapEngine | null>(null);
  const model = scene?.model;
  const latest = useLatest(scene);
  useEffect(() => {
    const element = canvas.current;
    if (!element || !model || !latest.current) return undefined;
    const made = new MapEngine(element, latest.current);
    engine.current = made;
    const observer = new ResizeObserver(([entry]) => made.resize(entry!.contentRect.width, entry!.contentRect.height));
    observer.observe(element.parentElement!);
    return () => {
      observer.disconnect();
      made.dispose();
      engine.current = null;
    };
  }, [canvas, model, latest]);
  useEffect(() => {
    if (scene) engine.current?.setScene(scene);
  }, [scene]);
  return engine;
}

/** A seat map on a canvas, for the mouse, fingers and the keyboard. SeatList is its twin for those who want none of that. */
export function SeatMap(props: SeatMapProps): ReactNode {
  const { model, availability, selection, conflicts = kNothing, category } = props;
  const { t, locale } = useI18n();
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const helpId = useId();
  const theme = useTheme(frame);
  const [cursor, setCursor] = useState(-1);
  const [tip, setTip] = useState<Tip>();
  const hover = tip?.place?.index ?? -1;
  const scene = useMemo<Scene | undefined>(
    () => theme && { model, availability, selection, conflicts, category, hover, cursor, theme },
    [model, availability, selection, conflicts, category, hover, cursor, theme]);
  const engine = useEngine(canvas, scene);
  const pick = useLatest(props.onPick);

  const handlers = useMemo<MapGestureHandlers>(() => ({
    engine,
    hover: (target, x, y) => {
      if (!target) setTip(undefined);
      else if (target.kind === 'place') setTip({ x, y, place: target.place });
      else setTip({ x, y, section: target.section });
    },
    tap: (target) => {
      if (target?.kind === 'place') pick.current(target.place);
      if (target?.kind === 'section') engine.current?.showBounds(model.sections[target.section]!.bounds);
    },
  }), [engine, model, pick]);
  useEffect(() => (canvas.current ? listenToPointers(canvas.current, handlers) : undefined), [handlers]);

  const onKeyDown = useCallback((event: React.KeyboardEvent) => {
    const handled = handleMapKey(event, engine.current, model, cursor, setCursor, pick.current);
    if (handled) event.preventDefault();
  }, [engine, model, cursor, pick]);

  const free = useMemo(() => freeBySection(model, availability), [model, availability]);
  const cursorPlace = model.places[cursor];
  return (
    <div className="seatmap" ref={frame}>
      <canvas ref={canvas} tabIndex={0} role="application" aria-label={t('map.label')} aria-describedby={helpId}
        data-testid="seatmap" onKeyDown={onKeyDown} onBlur={() => setCursor(-1)} />
      <p id={helpId} className="visually-hidden">{t('map.help')}</p>
      <p className="visually-hidden" aria-live="polite">
        {cursorPlace && describePlace(cursorPlace, props, t, locale)}
      </p>
      <div className="seatmap-buttons">
        <button type="button" aria-label={t('map.zoomIn')} title={t('map.zoomIn')} onClick={() => engine.current?.zoomSmoothly(1.8)}>+</button>
        <button type="button" aria-label={t('map.zoomOut')} title={t('map.zoomOut')} onClick={() => engine.current?.zoomSmoothly(1 / 1.8)}>−</button>
        <button type="button" aria-label={t('map.showAll')} title={t('map.showAll')} onClick={() => engine.current?.showAll()}>⤢</button>
      </div>
      {tip && <MapTip tip={tip} free={free} {...props} />}
      {cursorPlace && !tip && (
        <div className="seatmap-cursor"><PlaceText place={cursorPlace} {...props} /></div>
      )}
    </div>
  );
}

function MapTip(props: SeatMapProps & { tip: Tip; free: Int32Array }): ReactNode {
  const { tip, model, free } = props;
  const { t } = useI18n();
  const section = tip.section === undefined ? undefined : model.sections[tip.section];
  const style = { left: `${tip.x}px`, top: `${tip.y}px` };
  return (
    <div className="seatmap-tip" style={style} aria-hidden="true">
      {tip.place && <PlaceText place={tip.place} {...props} />}
      {section && (
        <>
          <strong>{section.name}</strong>
          <span>{t('map.free', { n: free[tip.section!] ?? 0 })}</span>
          <span className="muted small">{t('map.clickSection')}</span>
        </>
      )}
    </div>
  );
}
