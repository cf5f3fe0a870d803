// Pages are named behind the '#', so that no client's id reaches a server's log or another site.
import { Cell } from './cell.js';

const parse = () => {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [page, id] = path.split('/');
  return { page: page || 'day', id: id ?? null, query: new URLSearchParams(query) };
};
export const route = new Cell(parse());
addEventListener('hashchange', () => { route.value = parse(); });

export const to = (page, id, query) => `#/${page}${id ? `/${id}` : ''}${query ? `?${new URLSearchParams(query)}` : ''}`;
export const go = (...where) => { location.hash = to(...where); };
