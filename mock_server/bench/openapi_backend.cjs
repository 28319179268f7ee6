// openapi-backend with a Map, requests and responses checked: node openapi_backend.cjs PORT SPEC SEED
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const { OpenAPIBackend } = require('openapi-backend');
const formats = require('ajv-formats');

const [port, spec, seed] = process.argv.slice(2);
const given = JSON.parse(fs.readFileSync(seed, 'utf8'));
const communities = new Map(Object.entries(given.communities));
const tickets = new Map(Object.entries(given.tickets));
const avatar = Buffer.from(given.avatar, 'base64');
const changed = Date.now();
const uploads = new Map();
const pattern = given.communities[Object.keys(given.communities)[0]];
let number = 0;

const handlers = {
  listCommunities: (call) => [200, [...communities.values()].filter((c) => c.domain_ids.includes(call.request.query.domain_id))],
  getCommunity: (call) => [200, communities.get(call.request.params.community_id)],
  createCommunity(call) {
    const made = { ...pattern, ...call.request.requestBody, _id: String(++number).padStart(24, '0') };
    communities.set(made._id, made);
    return [201, made];
  },
  getCommunityAvatar: (call) => (Date.parse(call.request.headers['if-modified-since']) >= changed ? [304] : [200, avatar]),
  getTicket: (call) => [200, tickets.get(call.request.params.ticket_id)],
  addTicketComment(call) {
    const ticket = tickets.get(call.request.params.ticket_id);
    const made = { ...ticket.TicketComments[0], id: ++number, text: call.request.requestBody.text };
    ticket.TicketComments.push(made);
    return [201, made];
  },
  listNotifications: () => [200, given.notifications],
  uploadFile(call) {
    const path = `${++number}.bin`;
    uploads.set(path, call.request.body);
    return [201, { path, name: call.request.headers['x-filename'], fileType: 'application/octet-stream', fileSize: call.request.body.length, thumbs: {} }];
  },
};

function bound(handler) {
  return (call) => {
    const [status, body] = handler(call);
    if (body === undefined || Buffer.isBuffer(body)) return { status, body };
    const verdict = call.api.validateResponse(body, call.operation, status);
    return verdict.errors ? { status: 500, body: verdict.errors } : { status, body };
  };
}

// quick, since it otherwise takes the document for OpenAPI 3.0.
const definition = JSON.parse(fs.readFileSync(spec, 'utf8'));
const api = new OpenAPIBackend({ definition, quick: true, customizeAjv: (ajv) => formats(ajv) });
for (const [operation, handler] of Object.entries(handlers)) api.registerHandler(operation, bound(handler));
api.registerHandler('validationFail', (call) => ({ status: 400, body: call.validation.errors }));
api.registerHandler('unauthorizedHandler', () => ({ status: 401, body: {} }));
api.registerHandler('notFound', () => ({ status: 404, body: {} }));
api.registerSecurityHandler('bearer', (call) => /^Bearer ./.test(call.request.headers.authorization));

async function answer(request, raw, response) {
  const [path, query] = request.url.split('?');
  const body = request.headers['content-type'] === 'application/json' ? JSON.parse(raw) : raw;
  const answered = await api.handleRequest({ method: request.method, path, query, headers: request.headers, body });
  const sent = answered.body === undefined || Buffer.isBuffer(answered.body) ? (answered.body ?? '') : JSON.stringify(answered.body);
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(sent) };
  response.writeHead(answered.status, answered.status === 304 ? {} : headers).end(sent);
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => answer(request, Buffer.concat(parts), response));
});
api.init().then(() => server.listen(Number(port), '127.0.0.1'));
