// Seasons, their events, and partial seasons.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Category, Channel, CreateSeasonParams, ForSaleConfig, TableBookingConfig, UpdateSeasonParams } from 'seatsio'
import { Server, all, refused } from './support/server.mjs'

let server
before(async () => { server = await Server.start('--test_mode') })
after(() => server.stop())

async function season(params = new CreateSeasonParams().eventKeys(['event1', 'event2']), name = 'simple') {
  const { client, admin } = await server.company()
  const chart = await server.upload(admin.secretKey, name)
  return { client, admin, chart, season: await client.seasons.create(chart, params) }
}

const keysOf = events => events.map(event => event.key)

test('a season by default, and with everything', async () => {
  const { client, chart, season: plain } = await season(null)
  assert.deepEqual([plain.events, plain.partialSeasonKeys, plain.updatedOn], [[], [], null])
  assert.deepEqual([plain.isSeason(), plain.isTopLevelSeason, plain.isPartialSeason, plain.isEventInSeason], [true, true, false, false])
  const full = await client.seasons.create(chart, new CreateSeasonParams().key('aSeason').name('A season').numberOfEvents(2)
    .tableBookingConfig(TableBookingConfig.allBySeat()).objectCategories({ 'A-1': 10 }).forSalePropagated(false)
    .categories([new Category('eventCat1', 'Event Level Category', '#AAABBB', false)])
    .channels([new Channel({ key: 'c1', name: 'channel 1', color: 'blue', index: 1, objects: ['A-1', 'A-2'] })])
    .forSaleConfig(new ForSaleConfig(false, ['A-1'], { GA1: 5 }, ['Cat1'])))
  assert.deepEqual([full.key, full.name, full.events.length, full.forSalePropagated], ['aSeason', 'A season', 2, false])
  assert.deepEqual([full.objectCategories, full.categories.length], [{ 'A-1': 10 }, 4])
  assert.deepEqual(full.channels, [new Channel({ id: full.channels[0].id, key: 'c1', name: 'channel 1', color: 'blue', index: 1, objects: ['A-1', 'A-2'], areaPlaces: {} })])
  assert.deepEqual(full.forSaleConfig, new ForSaleConfig(false, ['A-1'], { GA1: 5 }, ['Cat1']))
})

test('events: the oldest first in the season, the newest first when they are made', async () => {
  const { client, season: top } = await season()
  assert.deepEqual(keysOf(top.events), ['event1', 'event2'])
  assert.deepEqual(keysOf(await client.seasons.createEvents(top.key, null, ['event3', 'event4'])), ['event4', 'event3'])
  const again = await client.seasons.retrieve(top.key)
  assert.deepEqual(keysOf(again.events), ['event1', 'event2', 'event3', 'event4'])
  const [event] = again.events
  assert.deepEqual([event.isEventInSeason, event.topLevelSeasonKey, event.partialSeasonKeysForEvent], [true, top.key, []])
  assert.deepEqual(keysOf(await all(client.events.listAll())), [top.key])
  await refused(client.seasons.createEvents(top.key, null, ['event5', 'event1']))
  assert.equal((await client.seasons.retrieve(top.key)).events.length, 4)
  await client.events.delete('event4')
  assert.deepEqual(keysOf((await client.seasons.retrieve(top.key)).events), ['event1', 'event2', 'event3'])
  await client.events.delete(top.key)
  assert.equal((await refused(client.events.retrieve('event1'))).status, 404)
})

test('partial seasons: made, filled, emptied', async () => {
  const { client, season: top } = await season()
  const one = await client.seasons.createPartialSeason(top.key, 'p1', 'Partial', ['event1'])
  const two = await client.seasons.createPartialSeason(top.key)
  assert.deepEqual([one.key, one.name, one.isPartialSeason, one.topLevelSeasonKey, keysOf(one.events)], ['p1', 'Partial', true, top.key, ['event1']])
  assert.deepEqual((await client.seasons.retrieve(top.key)).partialSeasonKeys, ['p1', two.key])
  assert.deepEqual(keysOf((await client.seasons.addEventsToPartialSeason(top.key, 'p1', ['event2'])).events), ['event1', 'event2'])
  assert.deepEqual((await client.events.retrieve('event2')).partialSeasonKeysForEvent, ['p1'])
  assert.deepEqual(keysOf((await client.seasons.removeEventFromPartialSeason(top.key, 'p1', 'event1')).events), ['event2'])
  await client.events.book('p1', 'A-1')
  assert.equal((await client.events.retrieveObjectInfo('event2', 'A-1')).status, 'booked')
  assert.equal((await client.events.retrieveObjectInfo('event1', 'A-1')).status, 'free')
  await client.events.delete('p1')
  assert.deepEqual((await client.seasons.retrieve(top.key)).partialSeasonKeys, [two.key])
})

test('what is booked on a season shows on its events; an override gives it back to one', async () => {
  const { client, season: top } = await season()
  await client.events.book(top.key, ['A-1', 'A-2', { objectId: 'GA1', quantity: 10 }])
  const status = async (key, label) => (await client.events.retrieveObjectInfo(key, label)).status
  assert.equal(await status('event1', 'A-1'), 'booked')
  assert.equal((await client.events.retrieveObjectInfo('event1', 'GA1')).numFree, 90)
  await client.events.overrideSeasonObjectStatus('event1', ['A-1', 'A-2', 'GA1'])
  assert.deepEqual([await status('event1', 'A-1'), await status('event2', 'A-1')], ['free', 'booked'])
  const raw = (await client.events.retrieveObjectInfo('event1', 'A-1'))
  assert.equal(raw.seasonStatusOverriddenQuantity, 1)
  assert.equal((await client.events.retrieveObjectInfo('event1', 'GA1')).numFree, 91)
  await client.events.book('event1', 'A-1')
  await refused(client.events.useSeasonObjectStatus('event1', ['A-1']))
  await client.events.useSeasonObjectStatus('event1', ['A-2', 'GA1'])
  assert.equal(await status('event1', 'A-2'), 'booked')
  assert.equal((await client.events.retrieveObjectInfo('event1', 'GA1')).numFree, 90)
  await client.seasons.createPartialSeason(top.key, 'p1', null, ['event2'])
  assert.equal((await refused(client.events.overrideSeasonObjectStatus('event1', ['A-2'], 'p1'))).status, 400)
})

test('an object may be taken out of the reach of a season before the season has it', async () => {
  const { client, season: top } = await season()
  await client.events.overrideSeasonObjectStatus('event1', ['A-1'])
  assert.equal((await client.eventReports.byLabel('event1'))['A-1'][0].seasonStatusOverriddenQuantity, 1)
  await client.events.book(top.key, 'A-1')
  await client.events.book('event1', 'A-1')
  await refused(client.events.book('event2', 'A-1'))
})

test('a season is changed for all its events', async () => {
  const { client, season: top } = await season(new CreateSeasonParams().eventKeys(['event1']).forSaleConfig(new ForSaleConfig(false, ['A-1'], {}, [])))
  await refused(client.events.book('event1', 'A-1'))
  await client.events.replaceForSaleConfig('event1', false, ['A-2'])
  await refused(client.events.book('event1', 'A-1'))
  await refused(client.events.book('event1', 'A-2'))
  await client.seasons.update(top.key, new UpdateSeasonParams().withForSalePropagated(false).withKey('renamed').withName('New')
    .withObjectCategories({ 'B-1': 10 }))
  await client.events.book('event1', 'A-1')
  await refused(client.events.book('renamed', 'A-1'))
  assert.equal((await client.events.retrieveObjectInfo('event1', 'B-1')).categoryKey, '10')
  const again = await client.seasons.retrieve('renamed')
  assert.deepEqual([again.name, again.forSalePropagated, again.isInThePast], ['New', false, false])
})
