// A real ticketing-api with a folder of its own, and what tests need of it.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { randomUUID } from 'node:crypto'
import { Region, SeatsioClient } from 'seatsio'

const program = process.env.TICKETING_API
// Charts of our own, and those that the reader of charts is tested with.
const charts = { simple: '../charts/simple.json' }

export class Server {
  static async start(...flags) {
    const server = new Server()
    server.folder = await mkdtemp(path.join(tmpdir(), 'ticketing-seatsio-'))
    server.flags = flags
    await server.run()
    return server
  }

  async run() {
    this.process = spawn(program, ['--seatsio_listen=127.0.0.1:0', `--data_dir=${this.folder}/data`, ...this.flags],
      { stdio: ['ignore', 'pipe', 'pipe'] })
    const tail = []
    this.process.stderr.on('data', data => { tail.push(String(data)); if (tail.length > 50) tail.shift() })
    this.tail = tail
    this.ended = new Promise(resolve => this.process.once('exit', resolve))
    const lines = readline.createInterface({ input: this.process.stdout })
    this.url = await Promise.race([
      new Promise(resolve => lines.on('line', line => {
        const match = /listening on (http:\S+)/.exec(line)
        if (match) resolve(match[1])
      })),
      this.ended.then(code => { throw new Error(`ticketing-api ended with ${code}: ${tail.join('')}`) })
    ])
  }

  async kill() {
    this.process.kill('SIGKILL')
    await this.ended
  }

  async stop() {
    this.process.kill('SIGTERM')
    const code = await this.ended
    await rm(this.folder, { recursive: true, force: true })
    if (code !== 0) throw new Error(`ticketing-api ended with ${code}: ${this.tail.join('')}`)
  }

  client(secretKey, workspaceKey) {
    return new SeatsioClient(new Region(this.url), secretKey, workspaceKey)
  }

  // A raw request; `body` is sent as it is.
  async call(method, where, secretKey, body, headers = {}) {
    const authorization = 'Basic ' + Buffer.from(`${secretKey}:`).toString('base64')
    const response = await fetch(this.url + where, { method, body, headers: { authorization, ...headers } })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null }
  }

  // A company of its own for one test.
  async company() {
    const made = await this.call('POST', '/system/private/create-test-company', 'superSecretSystemApi')
    if (made.status !== 200) throw new Error(`no company: ${made.status} ${made.text}`)
    const { admin, workspace } = made.json
    return { admin, workspace, client: this.client(admin.secretKey) }
  }

  // As the official suites do it: JSON under the content type of a form.
  async upload(secretKey, name) {
    const key = randomUUID()
    const made = await this.call('POST', `/system/public/charts/${key}`, secretKey,
      await readFile(new URL(charts[name] ?? `../../seat/charts/${name}.json`, import.meta.url)), { 'content-type': 'application/x-www-form-urlencoded' })
    if (made.status !== 201) throw new Error(`no chart: ${made.status} ${made.text}`)
    return key
  }

  // A company with a chart and an event of it.
  async event(name = 'simple', params = undefined) {
    const { client, admin, workspace } = await this.company()
    const chart = await this.upload(admin.secretKey, name)
    const event = await client.events.create(chart, params)
    return { client, admin, workspace, chart, event, key: event.key }
  }
}

// The refusal of a call that must not succeed.
export async function refused(promise) {
  let answer
  try {
    answer = await promise
  } catch (error) {
    if (error instanceof Error && !('status' in error)) throw error
    return error
  }
  throw new Error('was not refused: ' + JSON.stringify(answer))
}

export async function all(iterable) {
  const out = []
  for await (const item of iterable) out.push(item)
  return out
}

export async function until(what, condition) {
  const end = Date.now() + 20_000
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > end) throw new Error('never: ' + what)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
