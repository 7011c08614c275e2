/** Signs on a 24-pixel grid, two-pixel strokes. A word always stands beside one, or names it. */

const paths = {
  back: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  down: 'M12 5v14M6 13l6 6 6-6',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  close: 'M6 6l12 12M18 6L6 18',
  chat: 'M4 5h16v11H10l-5 4v-4H4z',
  person: 'M12 12a4 4 0 100-8 4 4 0 000 8zM4 20c1.5-3.5 4.4-5 8-5s6.5 1.5 8 5',
  enter: 'M13 4h6v16h-6M4 12h10M10 8l4 4-4 4',
  help: 'M12 21a9 9 0 100-18 9 9 0 000 18zM9.5 9.5a2.5 2.5 0 115 .2c0 1.7-2.5 2-2.5 3.8M12 17h.01',
  alert: 'M12 21a9 9 0 100-18 9 9 0 000 18zM12 7.5v5.5M12 16.5h.01',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  calendar: 'M4 6h16v14H4zM4 10.5h16M8.5 3v5M15.5 3v5',
  clock: 'M12 21a9 9 0 100-18 9 9 0 000 18zM12 7v5l3.5 2',
  offline:
    'M4 4l16 16M8.5 8.3A8 8 0 0120 11M5 12a10 10 0 012-1.5M8.5 15.5a5 5 0 016-.8M12 19.5h.01',
  reply: 'M9 7l-5 5 5 5M4 12h9c4 0 6 2 7 6',
  edit: 'M4 20l1-5L16 4l4 4L9 19zM13.5 6.5l4 4',
  undo: 'M8 5L4 9l4 4M4 9h10a5.5 5.5 0 010 11H8',
  pin: 'M9 4h6l-1 6 4 4H6l4-4zM12 14v7',
  eye: 'M2.5 12c2.4-4.2 5.6-6.3 9.5-6.3s7.1 2.1 9.5 6.3c-2.4 4.2-5.6 6.3-9.5 6.3S4.9 16.2 2.5 12zM12 14.8a2.8 2.8 0 100-5.6 2.8 2.8 0 000 5.6z',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  size: 'M3 19L8.5 5 14 19M5 14.5h7M15 19l3.5-9L22 19M16.3 16h4.4',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 017 0v3',
  phone:
    'M6 3h4l1.5 5-2.5 1.5a12 12 0 005.5 5.5L16 12.5l5 1.5v4c0 1.5-1 2.5-2.5 2.5C10 20 4 14 3.5 5.5 3.5 4 4.5 3 6 3z',
  people:
    'M9 11.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM2.5 19.5c1-3.2 3.4-4.7 6.5-4.7s5.5 1.5 6.5 4.7M15.5 4.8a3.5 3.5 0 010 6.5M18 15.2c1.8.7 3 2.2 3.5 4.3',
  invite:
    'M9 11.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM2.5 19.5c1-3.2 3.4-4.7 6.5-4.7s5.5 1.5 6.5 4.7M19 8v7M15.5 11.5h7',
  chart: 'M5 20V11M12 20V5M19 20v-6',
  board: 'M4 5h16v11h-9l-4 4v-4H4zM8 9h8M8 12h5',
  desk: 'M4 8h16v11H4zM9 8V5h6v3M4 13h16',
  book: 'M5 4h11a3 3 0 013 3v13H8a3 3 0 01-3-3zM5 17a3 3 0 013-3h11',
  shield: 'M12 3l8 3v6c0 4.5-3.2 7.5-8 9-4.8-1.5-8-4.5-8-9V6z',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

/** The sign of the product: two rings that hold each other. */
export function BrandMark() {
  return (
    <svg class="brand-mark" viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <rect width="48" height="48" rx="12" />
      <g fill="none" stroke-width="4">
        <circle cx="18.5" cy="24" r="9" />
        <path d="M24.5 17.3a9 9 0 110 13.4" />
      </g>
    </svg>
  );
}
