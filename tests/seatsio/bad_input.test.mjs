// Calls about objects that cannot be had like that: each is refused with the object named, and nothing is applied.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { Channel, CreateEventParams, ForSaleConfig, StatusChangeRequest } from 'seatsio'
import { Server, refused } from './support/server.mjs'

let server
before(async () => { server = await Server.start('--test_mode') })
after(() => server.stop())

const statusOf = async (client, key, label) => (await client.events.retrieveObjectInfo(key, label)).status

// Each way of changing a seat, with A-1, which is free, and one that cannot be had.
async function eachWay(client, key, bad, named, token) {
  const ways = {
    book: () => client.events.book(key, ['A-1', bad].flat()),
    hold: () => client.events.hold(key, ['A-1', bad].flat(), token),
    change: () => client.events.changeObjectStatus(key, ['A-1', bad].flat(), 'press'),
    batch: () => client.events.changeObjectStatusInBatch([
      new StatusChangeRequest().withEventKey(key).withObjects(['A-1']).withStatus('booked'),
      new StatusChangeRequest().withEventKey(key).withObjects([bad].flat()).withStatus('booked')]),
    group: () => client.events.book([key], ['A-1', bad].flat())
  }
  for (const [name, way] of Object.entries(ways)) {
    const error = await refused(way())
    assert.equal(error.status, 400, `${name}: ${JSON.stringify(error)}`)
    assert.ok(JSON.stringify(error.messages ?? error.errors).includes(JSON.stringify(named).slice(1, -1)),
      `${name} does not name ${named}: ${JSON.stringify(error)}`)
    assert.equal(await statusOf(client, key, 'A-1'), 'free', name)
  }
}

test('unknown labels, with quotes, emoji, or a thousand characters', async () => {
  const { client, key } = await server.event()
  const { holdToken } = await client.holdTokens.create()
  await eachWay(client, key, 'Z-1', 'Z-1', holdToken)
  await eachWay(client, key, 'a-1', 'a-1', holdToken)
  await eachWay(client, key, "'; DROP TABLE events;--", "'; DROP TABLE events;--", holdToken)
  await eachWay(client, key, 'Ñ "席" 🎟', 'Ñ "席" 🎟', holdToken)
  await eachWay(client, key, 'x'.repeat(1000), 'x'.repeat(40), holdToken)
})

test('what is taken, not for sale, or in a channel', async () => {
  const { client, key } = await server.event('simple', new CreateEventParams()
    .withChannels([new Channel({ key: 'fans', name: 'fans', color: '#ff0000', index: 1, objects: ['B-1'] })])
    .withForSaleConfig(new ForSaleConfig(false, ['B-2'])))
  await client.events.book(key, 'B-3')
  const { holdToken } = await client.holdTokens.create()
  for (const bad of ['B-1', 'B-2']) await eachWay(client, key, bad, bad, holdToken)
  const other = (await client.holdTokens.create()).holdToken
  await client.events.hold(key, 'B-4', other)
  for (const attempt of [
    () => client.events.book(key, ['A-1', 'B-3']), () => client.events.hold(key, ['A-1', 'B-3'], holdToken),
    () => client.events.hold(key, ['A-1', 'B-4'], holdToken), () => client.events.release(key, ['A-1', 'B-4'], holdToken)]) {
    const error = await refused(attempt())
    assert.deepEqual([error.status, error.errors[0].code], [400, 'ILLEGAL_STATUS_CHANGE'])
    assert.match(JSON.stringify(error), /B-[34]/)
  }
  assert.equal(await statusOf(client, key, 'A-1'), 'free')
})

test('duplicates in one call, and quantities of nothing or beyond what there is', async () => {
  const { client, key } = await server.event()
  const { holdToken } = await client.holdTokens.create()
  await eachWay(client, key, ['A-2', 'A-2'], 'A-2', holdToken)
  for (const quantity of [0, -1, 101, 2 ** 31, 1.5])
    await eachWay(client, key, { objectId: 'GA1', quantity }, 'GA1', holdToken)
  await client.events.book(key, { objectId: 'GA1', quantity: 60 })
  await eachWay(client, key, { objectId: 'GA1', quantity: 41 }, 'GA1', holdToken)
  assert.equal((await client.events.retrieveObjectInfo(key, 'GA1')).numBooked, 60)
})

test('tokens that are over, of another workspace, or none', async () => {
  const { client, key } = await server.event()
  const stranger = await server.company()
  const over = (await client.holdTokens.create()).holdToken
  await client.holdTokens.expiresInMinutes(over, 0)
  const theirs = (await stranger.client.holdTokens.create()).holdToken
  for (const token of [over, theirs, 'nobodymade', '🎟', 'x'.repeat(1000), "'"]) {
    for (const attempt of [() => client.events.hold(key, 'A-1', token), () => client.events.book(key, 'A-1', token),
      () => client.events.release(key, 'A-1', token), () => client.events.changeBestAvailableObjectStatus(key, { number: 1 }, 'reservedByToken', token)]) {
      const error = await refused(attempt())
      assert.ok(error.status === 400 || error.status === 404, `${token.slice(0, 20)}: ${JSON.stringify(error)}`)
    }
    assert.equal((await refused(client.holdTokens.retrieve(token))).status, 404)
  }
  assert.equal(await statusOf(client, key, 'A-1'), 'free')
})

test('a chart whose labels have quotes and emoji sells like any other', async () => {
  const { client, admin } = await server.company()
  const drawing = JSON.parse(await readFile(new URL('charts/simple.json', import.meta.url)))
  drawing.subChart.rows[0].label = `A"'; 🎸`
  drawing.subChart.generalAdmissionAreas[0].label = 'Ñandú 席 \\ =1+1'
  const chart = randomUUID()
  const made = await server.call('POST', `/system/public/charts/${chart}`, admin.secretKey, JSON.stringify(drawing))
  assert.equal(made.status, 201, made.text)
  const { key } = await client.events.create(chart)
  const seat = `A"'; 🎸-1`
  await client.events.book(key, [seat, { objectId: 'Ñandú 席 \\ =1+1', quantity: 2 }])
  assert.equal(await statusOf(client, key, seat), 'booked')
  assert.equal((await client.eventReports.byLabel(key))[seat][0].status, 'booked')
  assert.ok((await client.eventReports.flatListCsv(key)).includes(`"A""'; 🎸-1"`))
  const error = await refused(client.events.book(key, ['B-1', seat]))
  assert.ok(JSON.stringify(error).includes(JSON.stringify(seat).slice(1, -1)))
  const [change] = (await client.events.statusChangesForObject(key, seat).firstPage()).items
  assert.equal(change.objectLabel, seat)
  await client.events.release(key, seat)
  assert.equal(await statusOf(client, key, seat), 'free')
})

test('a chart of more than 200,000 seats is refused, one of 200,000 is sold', async () => {
  const { client, admin } = await server.company()
  const drawing = JSON.parse(await readFile(new URL('charts/simple.json', import.meta.url)))
  const row = drawing.subChart.rows[0]
  const seatsOf = (r, count) => Array.from({ length: count }, (_, s) =>
    ({ ...row.seats[0], label: String(s + 1), x: s * 20, y: r * 20, uuid: `u${r}-${s}` }))
  const rows = count => Array.from({ length: 400 }, (_, r) =>
    ({ ...row, label: `R${r}`, uuid: `r${r}`, seats: seatsOf(r, 500 + (r === 0 ? count : 0)) }))
  drawing.subChart.generalAdmissionAreas = []
  const upload = async extra => {
    drawing.subChart.rows = rows(extra)
    const key = randomUUID()
    const made = await server.call('POST', `/system/public/charts/${key}`, admin.secretKey, JSON.stringify(drawing))
    return { key, ...made }
  }
  // Drawings are kept as they were drawn; what cannot be sold of them is said when somebody wants to.
  const larger = await upload(1)
  if (larger.status === 201) assert.match(JSON.stringify(await refused(client.events.create(larger.key))), /200000/)
  else assert.ok(larger.status >= 400 && larger.status < 500, `${larger.status} ${larger.text.slice(0, 300)}`)
  const most = await upload(0)
  assert.equal(most.status, 201, most.text.slice(0, 300))
  const { key } = await client.events.create(most.key)
  await client.events.book(key, ['R399-500', 'R0-1'])
  assert.equal((await refused(client.events.book(key, ['R0-2', 'R399-500']))).status, 400)
  assert.equal(await statusOf(client, key, 'R0-2'), 'free')
})
