import { useLayoutEffect, useRef, type RefObject } from 'react';

/** The value of the last render, for listeners that are put in place once. */
export function useLatest<T>(value: T): RefObject<T> {
  const ref = useRef(value);
  useLayoutEffect(() => {
    ref.current = value;
  });
  return ref;
}
