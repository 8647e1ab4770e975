// What the published suites do not try: buyers who collide, limits, and a server that is killed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Channel, CreateEventParams, CreateSeasonParams, ForSaleConfig, StatusChangeRequest } from 'seatsio'
import { Server, all, refused, until } from './support/server.mjs'

let server
before(async () => { server = await Server.start('--test_mode') })
after(() => server.stop())

const ILLEGAL = 'ILLEGAL_STATUS_CHANGE'

async function winners(promises) {
  const results = await Promise.allSettled(promises)
  for (const result of results) {
    if (result.status === 'rejected') {
      assert.equal(result.reason.status, 400, JSON.stringify(result.reason))
      assert.equal(result.reason.errors[0].code, ILLEGAL)
    }
  }
  return results.filter(result => result.status === 'fulfilled').length
}

async function statuses(client, key, labels) {
  const infos = await client.events.retrieveObjectInfos(key, labels)
  return labels.map(label => infos[label].status)
}

test('forty buyers, one seat: one has it', async () => {
  const { client, key } = await server.event()
  assert.equal(await winners(Array.from({ length: 40 }, (_, i) => client.events.book(key, 'A-1', null, `order${i}`))), 1)
  assert.equal((await all(client.events.statusChanges(key).all())).length, 1)
})

test('a table and its seats exclude each other, whoever is quicker', async () => {
  const { client, chart } = await server.event('tables')
  for (let round = 0; round < 5; ++round) {
    const event = await client.events.create(chart)
    assert.equal(await winners([client.events.book(event.key, 'T2'), client.events.book(event.key, 'T2-1'), client.events.book(event.key, 'T2')]), 1)
  }
})

test('a hold stands against other tokens; staff may book without one; what is booked cannot be held', async () => {
  const { client, key } = await server.event()
  const mine = (await client.holdTokens.create()).holdToken
  const other = (await client.holdTokens.create()).holdToken
  await client.events.hold(key, ['A-1', 'A-2', 'A-3'], mine)
  for (const attempt of [
    () => client.events.hold(key, 'A-1', other), () => client.events.book(key, 'A-1', other),
    () => client.events.release(key, 'A-1', other), () => client.events.changeObjectStatus(key, 'A-1', 'press', other)])
    assert.equal((await refused(attempt())).errors[0].code, ILLEGAL)
  await client.events.book(key, 'A-5', other)
  await client.events.book(key, 'A-1', mine)
  assert.equal((await refused(client.events.hold(key, 'A-1', mine))).errors[0].code, ILLEGAL)
  await client.events.book(key, 'A-2')
  assert.deepEqual(await statuses(client, key, ['A-1', 'A-2', 'A-3']), ['booked', 'booked', 'reservedByToken'])
  assert.equal((await refused(client.events.hold(key, 'A-4', null))).status, 400)
})

test('tokens that nobody made, that are over, or of another workspace hold nothing', async () => {
  const { client, key } = await server.event()
  const stranger = await server.company()
  const theirs = (await stranger.client.holdTokens.create()).holdToken
  const over = (await client.holdTokens.create()).holdToken
  await client.holdTokens.expiresInMinutes(over, 0)
  for (const token of ['nobodymade', 'x', theirs, over]) {
    assert.equal((await refused(client.events.hold(key, 'A-1', token))).status, 400)
    assert.equal((await refused(client.events.book(key, 'A-1', token))).status, 400)
  }
  assert.deepEqual(await statuses(client, key, ['A-1']), ['free'])
})

test('the end of a token frees what it holds on every event, and nothing that is booked', async () => {
  const { client, key, chart, admin } = await server.event()
  const other = await client.events.create(chart)
  const { holdToken } = await client.holdTokens.create()
  await client.events.hold([key, other.key], ['A-1', 'A-2'], holdToken)
  await client.events.hold(key, { objectId: 'GA1', quantity: 7 }, holdToken)
  await client.events.book(key, 'A-1', holdToken)
  await client.holdTokens.expiresInMinutes(holdToken, 0)
  assert.deepEqual(await statuses(client, key, ['A-1', 'A-2']), ['booked', 'free'])
  assert.deepEqual(await statuses(client, other.key, ['A-1', 'A-2']), ['free', 'free'])
  assert.equal((await client.events.retrieveObjectInfo(key, 'GA1')).numFree, 100)
  assert.equal((await refused(client.holdTokens.retrieve(holdToken))).status, 404)
  const gone = await server.call('GET', `/events/${other.key}/status-changes`, admin.secretKey)
  assert.equal(gone.json.items[0].origin.type, 'HOLD_EXPIRED')
})

test('a token lives two hours at most', async () => {
  const { client } = await server.event()
  const token = await client.holdTokens.create(120)
  const longer = await client.holdTokens.expiresInMinutes(token.holdToken, 120)
  assert.ok(longer.expiresAt.getTime() <= token.expiresAt.getTime())
  assert.equal((await refused(client.holdTokens.create(121))).status, 400)
})

test('an area is never overfull, whatever comes at once', async () => {
  const { client, key } = await server.event()
  const tokens = await Promise.all(Array.from({ length: 6 }, () => client.holdTokens.create()))
  const asks = []
  for (let i = 0; i < 30; ++i) {
    const places = { objectId: 'GA1', quantity: 7 }
    asks.push(i % 2 ? client.events.book(key, places) : client.events.hold(key, places, tokens[i % 6].holdToken))
  }
  assert.equal(await winners(asks), 14)
  const area = await client.events.retrieveObjectInfo(key, 'GA1')
  assert.equal(area.numBooked + area.numHeld, 98)
  assert.equal(area.numFree, 2)
  await refused(client.events.book(key, { objectId: 'GA1', quantity: 101 }))
})

test('places that a token does not hold cannot be released with it', async () => {
  const { client, key } = await server.event()
  const mine = (await client.holdTokens.create()).holdToken
  const other = (await client.holdTokens.create()).holdToken
  await client.events.hold(key, { objectId: 'GA1', quantity: 3 }, mine)
  await refused(client.events.release(key, { objectId: 'GA1', quantity: 1 }, other))
  await refused(client.events.release(key, { objectId: 'GA1', quantity: 4 }, mine))
  await client.events.release(key, { objectId: 'GA1', quantity: 3 }, mine)
  assert.equal((await client.events.retrieveObjectInfo(key, 'GA1')).numHeld, 0)
})

test('one object that is taken fails the call: on no event, in no batch does anything happen', async () => {
  const { client, key, chart } = await server.event()
  const other = await client.events.create(chart)
  await client.events.book(other.key, 'A-2')
  assert.equal((await refused(client.events.book(key, ['A-1', 'Z-1']))).status, 400)
  assert.equal((await refused(client.events.book([key, other.key], ['A-1', 'A-2']))).errors[0].code, ILLEGAL)
  const change = (event, object, status) => new StatusChangeRequest().withEventKey(event).withObjects([object]).withStatus(status)
  await refused(client.events.changeObjectStatusInBatch([change(key, 'A-1', 'x'), change(key, 'B-1', 'x'), change(other.key, 'A-2', 'booked')]))
  assert.deepEqual(await statuses(client, key, ['A-1', 'A-2', 'B-1']), ['free', 'free', 'free'])
  assert.deepEqual(await statuses(client, other.key, ['A-1']), ['free'])
  assert.equal((await all(client.events.statusChanges(key).all())).length, 0)
})

test('calls over the same events in every order all come to an end, and stay whole', async () => {
  const { client, key, chart } = await server.event()
  const keys = [key, (await client.events.create(chart)).key, (await client.events.create(chart)).key]
  const orders = [[0, 1, 2], [2, 1, 0], [1, 0], [2, 0], [1, 2, 0], [0, 2]]
  await winners(orders.flatMap((order, i) => [0, 1, 2, 3].map(round =>
    client.events.book(order.map(k => keys[k]), [`A-${(i + round) % 8 + 1}`, `B-${round + 1}`], null, `o${i}-${round}`))))
  // What one order has, it has on all its events.
  const infos = await Promise.all(keys.map(k => client.eventReports.byOrderId(k)))
  orders.forEach((order, i) => [0, 1, 2, 3].forEach(round => {
    const counts = order.map(k => (infos[k][`o${i}-${round}`] ?? []).length)
    assert.ok(counts.every(count => count === counts[0]) && [0, 2].includes(counts[0]), `${i} ${round} ${counts}`)
  }))
})

test('channels: only with the key, or over their heads', async () => {
  const { client, key } = await server.event('simple', new CreateEventParams().withChannels([
    new Channel({ key: 'presale', name: 'Presale', color: 'blue', index: 1, objects: ['A-1', 'A-2', 'A-3'], areaPlaces: { GA1: 90 } })]))
  await refused(client.events.book(key, 'A-1'))
  await refused(client.events.book(key, 'A-1', null, null, null, null, ['other']))
  await refused(client.events.book(key, ['A-1', 'B-1'], null, null, null, null, ['presale']))
  await client.events.book(key, ['A-1', 'B-1'], null, null, null, null, ['presale', 'NO_CHANNEL'])
  await client.events.book(key, 'A-2', null, null, null, true)
  await client.events.book(key, { objectId: 'GA1', quantity: 10 })
  await refused(client.events.book(key, { objectId: 'GA1', quantity: 1 }))
  await client.events.book(key, { objectId: 'GA1', quantity: 90 }, null, null, null, null, ['presale'])
  await client.events.putUpForResale(key, ['A-2'])
  await client.events.book(key, 'A-2')
  assert.deepEqual(await statuses(client, key, ['A-1', 'A-2', 'A-3', 'GA1']), ['booked', 'booked', 'free', 'booked'])
})

test('what is not for sale is not sold, by object, category and place', async () => {
  const { client, key } = await server.event('simple', new CreateEventParams().withForSaleConfig(
    new ForSaleConfig(false, ['A-1'], { GA1: 95 }, ['Cat2'])))
  for (const objects of ['A-1', 'C-1', { objectId: 'GA1', quantity: 6 }]) await refused(client.events.book(key, objects))
  await client.events.book(key, [{ objectId: 'A-2' }, { objectId: 'GA1', quantity: 5 }])
  const info = await client.events.retrieveObjectInfo(key, 'A-1')
  assert.deepEqual([info.forSale, info.isAvailable, info.availabilityReason], [false, false, 'not_for_sale'])
})

test('a season and its events never both sell a seat', async () => {
  const { client, chart } = await server.event()
  const season = await client.seasons.create(chart, new CreateSeasonParams().eventKeys([`e1-${chart}`, `e2-${chart}`]))
  const [first, second] = season.events.map(event => event.key)
  const partials = []
  for (let i = 0; i < 2; ++i) partials.push((await client.seasons.createPartialSeason(season.key, null, null, [second])).key)
  for (let n = 1; n <= 8; ++n) {
    assert.equal(await winners([season.key, second, ...partials].map(key => client.events.book(key, `A-${n}`))), 1)
  }
  await client.events.book(first, 'B-1')
  await refused(client.events.book(season.key, 'B-1'))
  await client.events.book(partials[0], 'B-2')
  await refused(client.events.book(second, 'B-2'))
  await refused(client.events.book(partials[1], 'B-2'))
  await client.events.book(first, 'B-2')
  await client.events.book(season.key, 'B-3')
  const [later] = await client.seasons.createEvents(season.key, 1)
  await refused(client.events.book(later.key, 'B-3'))
  await client.events.book(season.key, { objectId: 'GA1', quantity: 60 })
  await refused(client.events.book(first, { objectId: 'GA1', quantity: 41 }))
  await client.events.book(first, { objectId: 'GA1', quantity: 40 })
  await refused(client.events.book(season.key, { objectId: 'GA1', quantity: 1 }))
})

test('an override that is part of a refused batch is not made', async () => {
  const { client, chart } = await server.event()
  const season = await client.seasons.create(chart, new CreateSeasonParams().numberOfEvents(1))
  const match = season.events[0].key
  await client.events.book(season.key, 'A-1')
  const override = new StatusChangeRequest().withType('OVERRIDE_SEASON_STATUS').withEventKey(match).withObjects(['A-1'])
  const book = (object, status) => new StatusChangeRequest().withEventKey(match).withObjects([object]).withStatus(status)
  await client.events.book(match, 'A-2')
  await refused(client.events.changeObjectStatusInBatch([override, book('A-1', 'booked'), override, book('A-2', 'booked')]))
  const info = await client.events.retrieveObjectInfo(match, 'A-1')
  assert.deepEqual([info.status, info.seasonStatusOverriddenQuantity], ['booked', 0])
  await refused(client.events.book(match, 'A-1'))
  await client.events.changeObjectStatusInBatch([override, book('A-1', 'mine')])
  assert.equal((await client.events.retrieveObjectInfo(match, 'A-1')).status, 'mine')
})

test('best available never gives one seat twice', async () => {
  const { client, key } = await server.event()
  const { BestAvailableParams } = await import('seatsio')
  const results = await Promise.all(Array.from({ length: 15 }, () =>
    client.events.bookBestAvailable(key, new BestAvailableParams().withNumber(2).withTryToPreventOrphanSeats(false))))
  const labels = results.flatMap(result => result.objects).filter(label => !label.startsWith('GA'))
  assert.equal(new Set(labels).size, labels.length)
})

test('configurations that change at the same time all arrive', async () => {
  const { client, key } = await server.event()
  await Promise.all(Array.from({ length: 8 }, (_, i) => client.events.channels.add(key, `channel${i}`, `c${i}`, 'blue', i, [`A-${i + 1}`])))
  const event = await client.events.retrieve(key)
  assert.equal(event.channels.length, 8)
  assert.equal(new Set(event.channels.map(channel => channel.id)).size, 8)
  for (let i = 1; i <= 8; ++i) await refused(client.events.book(key, `A-${i}`))
})

test('extending a token and holding with it at the same time leaves one end for all', async () => {
  const { client, key, chart } = await server.event()
  const keys = [key]
  for (let i = 0; i < 4; ++i) keys.push((await client.events.create(chart)).key)
  for (let round = 1; round <= 8; ++round) {
    const { holdToken } = await client.holdTokens.create(30)
    await Promise.allSettled([...keys.map(k => client.events.hold(k, `A-${round}`, holdToken)), client.holdTokens.expiresInMinutes(holdToken, 0)])
    for (const k of keys) assert.deepEqual(await statuses(client, k, [`A-${round}`]), ['free'])
  }
})

test('a killed server comes back with everything that was answered', async () => {
  const own = await Server.start('--test_mode')
  try {
    const { client, admin, key } = await own.event('simple', new CreateEventParams().withChannels([
      new Channel({ key: 'presale', name: 'Presale', color: 'blue', objects: ['D-1'] })]))
    const { holdToken } = await client.holdTokens.create()
    await client.events.hold(key, ['A-1', 'A-2'], holdToken)
    await client.events.book(key, [{ objectId: 'A-3', ticketType: 'adult', extraData: { n: 1 } }], null, 'order1')
    await client.events.putUpForResale(key, ['B-8'], 'listing1')
    const booked = []
    const load = Promise.allSettled(Array.from({ length: 16 }, async (_, i) => {
      const label = `${'BC'[i % 2]}-${Math.floor(i / 2) + 1}`
      if (label === 'B-8') return
      await client.events.book(key, label, null, `load${i}`)
      booked.push(label)
    }))
    await until('some bookings', async () => booked.length >= 4)
    await own.kill()
    await load
    const answered = [...booked]
    await own.run()
    const again = own.client(admin.secretKey)
    const infos = await again.events.retrieveObjectInfos(key, ['A-1', 'A-3', 'B-8', ...answered])
    assert.deepEqual([infos['A-1'].status, infos['A-1'].holdToken], ['reservedByToken', holdToken])
    assert.deepEqual([infos['A-3'].orderId, infos['A-3'].ticketType, infos['A-3'].extraData], ['order1', 'adult', { n: 1 }])
    assert.deepEqual([infos['B-8'].status, infos['B-8'].resaleListingId], ['resale', 'listing1'])
    for (const label of answered) assert.equal(infos[label].status, 'booked')
    await refused(again.events.book(key, 'D-1'))
    await again.events.book(key, 'A-1', holdToken)
    await again.holdTokens.expiresInMinutes(holdToken, 0)
    assert.deepEqual(await statuses(again, key, ['A-1', 'A-2']), ['booked', 'free'])
  } finally {
    await own.stop()
  }
})
