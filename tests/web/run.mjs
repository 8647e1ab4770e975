// Runs the walks against a platform of their own: started on free ports with an empty data folder, stopped at the end.
//
//   node run.mjs <ticketing-platform> [--web=clients/web] [--chart=chart.json] [--keep] [walk files...]
//
// With TICKETING_CLIENT_WEB_URL and its siblings set, `npm test` walks through a platform that runs already.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const kReadyMs = 30_000;

function readArguments(args) {
  const options = { web: resolve(here, '../../clients/web'), chart: '', keep: false, platform: '', walks: [] };
  for (const argument of args) {
    if (argument.startsWith('--web=')) options.web = resolve(argument.slice(6));
    else if (argument.startsWith('--chart=')) options.chart = resolve(argument.slice(8));
    else if (argument === '--keep') options.keep = true;
    else if (!options.platform) options.platform = resolve(argument);
    else options.walks.push(resolve(argument));
  }
  if (!existsSync(options.platform)) throw new Error(`there is no platform at "${options.platform}"`);
  if (!existsSync(join(options.web, 'client-web/dist/index.html'))) throw new Error(`no built clients in ${options.web}: npm ci && npm run build`);
  return options;
}

async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => done(server));
  })));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => { server.close(done); })));
  return ports;
}

async function waitUntilReady(url, child) {
  const deadline = Date.now() + kReadyMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the platform ended with ${child.exitCode}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((done) => { setTimeout(done, 50); });
  }
  throw new Error('the platform did not get ready');
}

async function makeStaff(adminUrl, admin, staff) {
  const post = async (path, body, token) => {
    const headers = { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    const response = await fetch(adminUrl + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const session = await post('/v1/sessions', admin);
  await post('/v1/staff', { ...staff, name: 'Taquilla Uno', language: 'es', roles: ['box_office'] }, session.access_token);
}

function run(command, args, env) {
  return new Promise((done) => {
    spawn(command, args, { stdio: 'inherit', env, cwd: here }).on('exit', (code) => done(code ?? 1));
  });
}

async function main() {
  const options = readArguments(process.argv.slice(2));
  const folder = await mkdtemp(join(tmpdir(), 'ticketing-web-'));
  const [start, web, admin, mobile, mailbox] = await freePorts(5);
  const logins = {
    admin: { email: 'admin@example.com', password: randomBytes(12).toString('hex') },
    staff: { email: 'taquilla@example.com', password: randomBytes(12).toString('hex') },
  };
  const url = (port) => `http://127.0.0.1:${port}`;
  const log = await open(join(folder, 'platform.log'), 'w');
  const flags = {
    listen: `127.0.0.1:${start}`, client_web_listen: `127.0.0.1:${web}`, admin_portal_listen: `127.0.0.1:${admin}`,
    client_mobile_listen: `127.0.0.1:${mobile}`, mailbox_port: mailbox, data_dir: join(folder, 'data'), web_dir: options.web,
    admin_email: logins.admin.email,
  };
  const platform = spawn(options.platform, Object.entries(flags).map(([name, value]) => `--${name}=${value}`), {
    stdio: ['ignore', log.fd, log.fd],
    env: { PATH: process.env.PATH, TICKETING_ADMIN_PASSWORD: logins.admin.password },
  });
  let code = 1;
  try {
    await waitUntilReady(url(web), platform);
    await makeStaff(url(admin), logins.admin, logins.staff);
    const walks = options.walks.length > 0 ? options.walks
      : readdirSync(join(here, 'walks')).filter((name) => name.endsWith('.test.mjs')).map((name) => join(here, 'walks', name));
    code = await run(process.execPath, ['--test', '--test-concurrency=1', ...walks], {
      ...process.env,
      TICKETING_START_URL: url(start),
      TICKETING_CLIENT_WEB_URL: url(web), TICKETING_ADMIN_URL: url(admin), TICKETING_MOBILE_URL: url(mobile),
      TICKETING_ADMIN_EMAIL: logins.admin.email, TICKETING_ADMIN_PASSWORD: logins.admin.password,
      TICKETING_STAFF_EMAIL: logins.staff.email, TICKETING_STAFF_PASSWORD: logins.staff.password,
      TICKETING_CHART: options.chart,
    });
  } catch (error) {
    console.error(error.message);
  }
  platform.kill('SIGTERM');
  const ended = await new Promise((done) => {
    if (platform.exitCode !== null) done(platform.exitCode);
    platform.on('exit', (exit, signal) => done(exit ?? signal));
    setTimeout(() => done('did not stop'), 10_000).unref();
  });
  await log.close();
  if (ended !== 0) {
    console.error(`the platform: ${ended}`);
    platform.kill('SIGKILL');
    code = code || 1;
  }
  if (code !== 0) console.error((await readFile(join(folder, 'platform.log'), 'utf8')).split('\n').slice(-30).join('\n'));
  if (options.keep || code !== 0) console.error(`kept: ${folder}`);
  else await rm(folder, { recursive: true });
  process.exitCode = code;
}

await main();
