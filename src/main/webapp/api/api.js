'use strict';

// Shows openapi.json. Understands what that document uses of OpenAPI 3.1, not all of it.

const METHODS = ['get', 'post', 'put', 'delete'];
const LIMIT_MILLIS = 10000;

const $ = id => document.getElementById(id);
let document31 = null;

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.flat().filter(child => child !== null && child !== undefined));
  return made;
}

/** What a reference points to, with what stands beside it. */
function resolve(node) {
  if (!node || !node.$ref) {
    return node;
  }
  const target = node.$ref.slice(2).split('/')
    .reduce((at, step) => at[step.replace(/~1/g, '/').replace(/~0/g, '~')], document31);
  const { $ref, ...beside } = node;
  return { ...target, ...beside };
}

/** Text in which backticks mark code. */
function inline(words) {
  return (words || '').split('`').map((part, i) => (i % 2 ? element('code', {}, part) : document.createTextNode(part)));
}

function paragraphs(words) {
  return (words || '').split('\n\n').filter(Boolean).map(part => element('p', { className: 'lead' }, inline(part)));
}

// --- schemas ---

function schemaName(schema) {
  const match = /^#\/components\/schemas\/(.+)$/.exec((schema && schema.$ref) || '');
  return match && match[1];
}

function schemaLink(name) {
  return element('a', { href: `#schema-${name}` }, name);
}

function joined(parts, separator) {
  return parts.flatMap((part, i) => (i ? [separator, part] : [part])).flat();
}

/** A schema in a few words: what it is, and its limits. */
function kind(schema) {
  const name = schemaName(schema);
  if (name) {
    return [schemaLink(name)];
  }
  if ('const' in schema) {
    return [JSON.stringify(schema.const)];
  }
  if (schema.enum) {
    return [schema.enum.map(value => JSON.stringify(value)).join(', ')];
  }
  for (const [word, separator] of [['anyOf', ' or '], ['oneOf', ' or '], ['allOf', ' and ']]) {
    if (schema[word] && schema[word].some(part => part.type || part.$ref)) {
      return joined(schema[word].map(kind), separator);
    }
  }
  if (schema.type === 'array') {
    return ['list of ', ...kind(schema.items || {}), schema.maxItems ? `, at most ${schema.maxItems}` : ''];
  }
  const types = [].concat(schema.type || 'any JSON').join(' or ');
  return [types + limits(schema)];
}

function limits(schema) {
  const { minimum, maximum } = schema;
  const range = minimum !== undefined && maximum !== undefined ? ` from ${minimum} to ${maximum}`
    : minimum !== undefined ? `, at least ${minimum}` : '';
  const byDefault = schema.default === undefined ? '' : `, default ${JSON.stringify(schema.default)}`;
  return range + byDefault;
}

function described(term, type, notes, words) {
  return [
    element('dt', {}, element('code', {}, term), notes ? element('span', { className: 'type' }, ` ${notes}`) : null),
    element('dd', {}, element('span', { className: 'type' }, type), words ? ' ' : null, inline(words)),
  ];
}

function properties(schema) {
  const all = Object.entries(schema.properties || {});
  if (!all.length) {
    return null;
  }
  const required = new Set(schema.required || []);
  return element('dl', { className: 'facts-list' }, all.flatMap(([name, property]) => {
    const nested = property.type === 'object' ? properties(property) : null;
    const [term, detail] = described(name, kind(property), required.has(name) ? '' : 'optional', property.description);
    if (nested) {
      detail.append(nested);
    }
    return [term, detail];
  }));
}

function schemaText(schema) {
  const own = properties(schema);
  const parts = (schema.oneOf || schema.allOf || []).filter(part => part.type || part.$ref);
  return [
    element('p', {}, element('span', { className: 'type' }, own && !parts.length ? '' : kind(schema)), ' ',
      inline(schema.description)),
    own,
    ...parts.filter(part => part.properties).map(part => element('div', {}, element('p', { className: 'hint' }, 'one form:'), properties(part))),
  ];
}

// --- requests ---

function example(media) {
  const all = Object.entries(media.examples || {}).map(([name, value]) => [name, resolve(value).value]);
  return all.map(([name, value]) => element('figure', { className: 'example' },
    element('figcaption', { className: 'hint' }, `Example: ${name}`),
    element('pre', { tabIndex: 0 }, element('code', {}, typeof value === 'string' && value.includes('\n')
      ? value : JSON.stringify(value, null, 2)))));
}

function media(content) {
  return Object.entries(content || {}).flatMap(([type, body]) => [
    element('p', {}, element('code', {}, type), ': ', kind(body.schema)),
    ...example(body),
  ]);
}

function parameters(path, operation) {
  const all = [...(path.parameters || []), ...(operation.parameters || [])].map(resolve);
  if (!all.length) {
    return [];
  }
  const places = { path: 'in the path', query: 'query', header: 'header' };
  return [
    element('h4', {}, 'Parameters'),
    element('dl', { className: 'facts-list' }, all.flatMap(one => described(one.name, kind(one.schema),
      `${places[one.in]}${one.required ? ', required' : ''}`, one.description))),
  ];
}

function requestBody(operation) {
  return operation.requestBody ? [element('h4', {}, 'Body'), ...media(operation.requestBody.content)] : [];
}

function answers(operation) {
  return [
    element('h4', {}, 'Answers'),
    ...Object.entries(operation.responses).map(([status, reference]) => {
      const answer = resolve(reference);
      const headers = Object.entries(answer.headers || {}).map(([name, header]) => [name, resolve(header)]);
      return element('details', {},
        element('summary', {}, element('strong', {}, status === 'default' ? 'Other' : status), ' ', inline(answer.description)),
        headers.length ? element('dl', { className: 'facts-list' },
          headers.flatMap(([name, header]) => described(name, kind(header.schema), 'header', header.description))) : null,
        media(answer.content));
    }),
  ];
}

function badge(method) {
  return element('span', { className: `method ${method}` }, method.toUpperCase());
}

function operationText(path, method, item) {
  const operation = item[method];
  return element('article', { className: 'operation', id: operation.operationId },
    element('h3', {}, badge(method), element('code', {}, path), element('span', {}, operation.summary)),
    paragraphs(operation.description), parameters(item, operation), requestBody(operation), answers(operation));
}

// --- the page ---

function show(description) {
  document31 = description;
  const { info, paths, tags, components } = description;
  $('title').textContent = `The API of ${info.title} ${info.version}`;
  $('description').replaceChildren(...paragraphs(info.description));
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter(method => item[method]).map(method => ({ path, method, item, operation: item[method] })));
  $('contents').replaceChildren(...operations.map(({ path, method, operation }) => element('li', {}, badge(method),
    element('span', {}, element('a', { href: `#${operation.operationId}` }, element('code', {}, path)), ' ', operation.summary))));
  $('groups').replaceChildren(...tags.map(tag => element('section', { className: 'panel group' },
    element('h2', {}, tag.name.charAt(0).toUpperCase() + tag.name.slice(1)),
    paragraphs(tag.description),
    operations.filter(({ operation }) => operation.tags.includes(tag.name))
      .map(({ path, method, item }) => operationText(path, method, item)))));
  $('schemas').replaceChildren(...Object.entries(components.schemas).map(([name, schema]) =>
    element('article', { className: 'schema operation', id: `schema-${name}` }, element('h3', {}, element('code', {}, name)),
      schemaText(schema))));
  // The part that the address names was not there when the browser looked for it.
  const named = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named) {
    named.scrollIntoView();
  }
}

async function load() {
  try {
    // The page's address may have a name and a token in it, with which browsers make no request.
    const url = new URL('../openapi.json', document.baseURI);
    url.username = '';
    url.password = '';
    const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MILLIS) });
    if (!response.ok) {
      throw new Error(`the node answered ${response.status}`);
    }
    show(await response.json());
  } catch (failure) {
    $('lost').textContent = `The description of the API cannot be shown: ${failure.message}.`;
    $('lost').hidden = false;
  }
}

load();
