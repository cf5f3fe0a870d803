// The libraries' own names, in one place.
import { h, render, Fragment } from '../vendor/preact.js';
import { useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback } from '../vendor/hooks.js';
import htm from '../vendor/htm.js';

export const html = htm.bind(h);
export { h, render, Fragment, useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback };

/** Words of a class attribute; what is falsy is left out. */
export const cls = (...words) => words.filter(Boolean).join(' ');
