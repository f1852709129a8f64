// What there is to look at, read from the sources: routes that answer pages, and templates.

import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

const API = join(import.meta.dirname, '../../api');

/** Routes for `GET` that answer no page: a redirect, files. */
const NO_PAGES = ['/', '/static/{name}', '/favicon.ico', '/applications/export', '/emails/templates/{id}'];

/** The routes for `GET` that answer a page, as `/users/{id}`. */
export async function routes() {
  const files = (await readdir(join(API, 'src/web'), { recursive: true })).filter((name) => name.endsWith('.rs'));
  const sources = await Promise.all(
    ['src/web.rs', ...files.map((name) => join('src/web', name))].map((name) => readFile(join(API, name), 'utf8')),
  );
  const found = sources.flatMap((source) =>
    [...source.matchAll(/\.route\(\s*"([^"]+)",\s*get\(/g)].map(([, route]) => route));
  return found.filter((route) => !NO_PAGES.includes(route));
}

/** Which of the routes the address is one of; a name that is written out goes before one that is a parameter. */
export function routeOf(routes, address) {
  const { pathname } = new URL(address);
  if (routes.includes(pathname)) return pathname;
  return routes.find((route) => new RegExp(`^${route.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname));
}

/** The templates of pages, each with the pieces of text that it alone has. */
export async function templates() {
  const folder = join(API, 'templates');
  const read = async (place) => {
    const names = (await readdir(join(folder, place))).filter((name) => name.endsWith('.hbs'));
    return Promise.all(names.map(async (name) => [basename(name, '.hbs'), pieces(await readFile(join(folder, place, name), 'utf8'))]));
  };
  const [pages, partials] = [await read('.'), await read('partials')];
  const everywhere = new Map();
  for (const piece of [...pages, ...partials].flatMap(([, them]) => [...new Set(them)])) {
    everywhere.set(piece, (everywhere.get(piece) ?? 0) + 1);
  }
  return pages.map(([name, them]) => ({ name, pieces: them.filter((piece) => everywhere.get(piece) === 1) }));
}

/** What is sent as it stands: the text between the tags, and the words that they hand to partials. */
function pieces(source) {
  const template = source.replaceAll(/\{\{!--.*?--\}\}/gs, '');
  const tags = /\{\{.*?\}\}/gs;
  const words = [...template.matchAll(tags)].flatMap(([tag]) => [...tag.matchAll(/="([^"]*)"/g)].map(([, text]) => text));
  const texts = [...template.split(tags), ...words].map((text) => text.trim());
  return texts.filter((text) => text.length > 12);
}
