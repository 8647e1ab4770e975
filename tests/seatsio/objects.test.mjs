// Statuses of objects, and how objects are described.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { EventObjectInfo, ObjectProperties, StatusChangeRequest, StatusChangesParams, TableBookingConfig, CreateEventParams, UpdateEventParams } from 'seatsio'
import { Server, all, refused } from './support/server.mjs'

let server
before(async () => { server = await Server.start('--test_mode') })
after(() => server.stop())

test('an object is described to the last digit, with nothing absent told as null', async () => {
  const { client, key, admin } = await server.event()
  await client.events.changeObjectStatus(key, 'A-1', 'lolzor')
  const raw = await server.call('GET', `/events/${key}/objects?label=A-1`, admin.secretKey)
  assert.deepEqual(raw.json['A-1'], {
    label: 'A-1',
    labels: { own: { label: '1', type: 'seat' }, parent: { label: 'A', type: 'row' } },
    ids: { own: '1', parent: 'A' },
    status: 'lolzor', availabilityReason: 'lolzor', isAvailable: false, forSale: true,
    categoryKey: '9', categoryLabel: 'Cat1', objectType: 'seat', rightNeighbour: 'A-2',
    distanceToFocalPoint: 98.67842540608864, seasonStatusOverriddenQuantity: 0,
    isAccessible: false, isCompanionSeat: false, hasRestrictedView: false, hasLiftUpArmrests: false,
    isHearingImpaired: false, isSemiAmbulatorySeat: false, hasSignLanguageInterpretation: false, isPlusSize: false
  })
})

test('booking answers with the objects, and takes an order, types and extra data along', async () => {
  const { client, key } = await server.event()
  const result = await client.events.book(key,
    [new ObjectProperties('A-1').setTicketType('adult').setExtraData({ foo: 'bar' }), { objectId: 'A-2' }], null, 'order1')
  assert.deepEqual(Object.keys(result.objects).sort(), ['A-1', 'A-2'])
  const { 'A-1': one, 'A-2': two } = await client.events.retrieveObjectInfos(key, ['A-1', 'A-2'])
  assert.equal(one.status, EventObjectInfo.BOOKED)
  assert.equal(one.orderId, 'order1')
  assert.equal(one.ticketType, 'adult')
  assert.deepEqual(one.extraData, { foo: 'bar' })
  assert.equal(two.ticketType, undefined)
})

test('places of an area are counted; its status changes only when it is full', async () => {
  const { client, key } = await server.event()
  await client.events.changeObjectStatus(key, { objectId: 'GA1', quantity: 99 }, 'myCustomStatus')
  let area = await client.events.retrieveObjectInfo(key, 'GA1')
  assert.deepEqual([area.status, area.numBooked, area.numFree, area.capacity], ['free', 99, 1, 100])
  await client.events.changeObjectStatus(key, 'GA1', 'myCustomStatus')
  area = await client.events.retrieveObjectInfo(key, 'GA1')
  assert.deepEqual([area.status, area.numBooked, area.isAvailable], ['myCustomStatus', 100, false])
  const { holdToken } = await client.holdTokens.create()
  await client.events.hold(key, [{ objectId: 'GA2', quantity: 3, ticketType: 'adult' }, { objectId: 'GA2', quantity: 2 }], holdToken)
  area = await client.events.retrieveObjectInfo(key, 'GA2')
  assert.deepEqual(area.holds, { [holdToken]: { adult: 3, NO_TICKET_TYPE: 2 } })
  assert.deepEqual([area.numHeld, area.numFree, area.isAccessible], [5, 95, undefined])
})

test('a release keeps the order it names, clears the token, and extra data unless told otherwise', async () => {
  const { client, key } = await server.event()
  await client.events.book(key, new ObjectProperties('A-1').setExtraData({ a: 1 }))
  await client.events.release(key, 'A-1', null, 'order1', true)
  const one = await client.events.retrieveObjectInfo(key, 'A-1')
  assert.deepEqual([one.status, one.orderId, one.extraData], ['free', 'order1', { a: 1 }])
  await client.events.book(key, 'A-1')
  assert.equal((await client.events.retrieveObjectInfo(key, 'A-1')).extraData, undefined)
  const { holdToken } = await client.holdTokens.create()
  await client.events.hold(key, 'A-2', holdToken)
  assert.equal((await client.events.retrieveObjectInfo(key, 'A-2')).holdToken, holdToken)
  await client.events.release(key, 'A-2', holdToken)
  const two = await client.events.retrieveObjectInfo(key, 'A-2')
  assert.deepEqual([two.status, two.holdToken], ['free', undefined])
})

test('resale: with its listing, open to buyers, and for resale again after a release', async () => {
  const { client, key } = await server.event()
  await client.events.book(key, 'A-1')
  await client.events.putUpForResale(key, ['A-1'], 'listing1')
  let one = await client.events.retrieveObjectInfo(key, 'A-1')
  assert.deepEqual([one.status, one.resaleListingId, one.isAvailable], ['resale', 'listing1', true])
  await client.events.book(key, 'A-1')
  one = await client.events.retrieveObjectInfo(key, 'A-1')
  assert.deepEqual([one.status, one.resaleListingId], ['booked', undefined])
  await client.events.release(key, 'A-1')
  assert.equal((await client.events.retrieveObjectInfo(key, 'A-1')).status, 'resale')
})

test('statuses of the venue may be called as ours', async () => {
  const { client, key } = await server.event()
  for (const status of ['held', 'custom', 'blocked for press']) {
    await client.events.changeObjectStatus(key, 'A-1', status)
    assert.equal((await client.events.retrieveObjectInfo(key, 'A-1')).status, status)
    await refused(client.events.changeObjectStatus(key, 'A-1', 'next', null, null, null, null, null, null, [status]))
  }
})

test('tables: whole or by seat, as the event says', async () => {
  const { client, key, chart } = await server.event('tables')
  assert.deepEqual(Object.keys((await client.events.book(key, 'T1-1')).objects), ['T1-1'])
  await client.events.book(key, 'T2')
  await refused(client.events.book(key, 'T1'))
  await refused(client.events.book(key, 'T2-1'))
  const whole = await client.events.create(chart, new CreateEventParams().withTableBookingConfig(TableBookingConfig.allByTable()))
  await client.events.book(whole.key, 'T1')
  await client.events.update(whole.key, new UpdateEventParams().withTableBookingConfig(TableBookingConfig.allBySeat()))
  const [change] = (await client.events.statusChanges(whole.key).firstPage()).items
  assert.deepEqual([change.isPresentOnChart, change.notPresentOnChartReason], [false, 'SWITCHED_TO_BOOK_BY_SEAT'])
})

test('batch: in order, and what must be before is asked for', async () => {
  const { client, key, chart } = await server.event()
  const other = await client.events.create(chart)
  const change = (event, objects, status) => new StatusChangeRequest().withEventKey(event).withObjects(objects).withStatus(status)
  const results = await client.events.changeObjectStatusInBatch([change(key, 'A-1', 's1'), change(other.key, 'A-2', 's2')])
  assert.equal(results[0].objects['A-1'].status, 's1')
  assert.equal(results[1].objects['A-2'].status, 's2')
  const swap = await client.events.changeObjectStatusInBatch([
    new StatusChangeRequest().withType('RELEASE').withEventKey(key).withObjects(['A-1']),
    change(key, ['A-1', 'A-3'], 's3')])
  assert.equal(swap[1].objects['A-3'].status, 's3')
  const guarded = await refused(client.events.changeObjectStatusInBatch([
    change(key, 'A-4', 's').withAllowedPreviousStatuses(['must'])]))
  assert.equal(guarded.errors.length, 1)
  assert.equal(guarded.errors[0].code, 'ILLEGAL_STATUS_CHANGE')
})

test('extra data by object and by event; unknown objects are not found', async () => {
  const { client, key } = await server.event()
  await client.events.updateExtraData(key, 'A-1', { a: [1, { b: 'ñ' }] })
  await client.events.updateExtraDatas(key, { 'A-2': { two: 2 }, 'A-3': { three: 3 } })
  const infos = await client.events.retrieveObjectInfos(key, ['A-1', 'A-2', 'A-3'])
  assert.deepEqual(infos['A-1'].extraData, { a: [1, { b: 'ñ' }] })
  assert.deepEqual(infos['A-3'].extraData, { three: 3 })
  assert.equal((await refused(client.events.updateExtraDatas(key, { 'Z-9': {} }))).status, 404)
})

test('status changes: newest first, filtered, sorted, in pages', async () => {
  const { client, key, event } = await server.event()
  const { holdToken } = await client.holdTokens.create()
  const change = (object, status, token = null) => {
    const request = new StatusChangeRequest().withEventKey(key).withObjects(object).withStatus(status)
    return token ? request.withHoldToken(token) : request
  }
  await client.events.changeObjectStatusInBatch([
    change('B-1', 'booked'), change('A-1', 'reservedByToken', holdToken), change('A-1', 'free', holdToken),
    change('A-2', 'booked'), change('A-3', 'reservedByToken', holdToken)])
  const labels = async params => (await all(client.events.statusChanges(key).all(params))).map(item => item.objectLabel)
  assert.deepEqual(await labels(), ['A-3', 'A-2', 'A-1', 'A-1', 'B-1'])
  assert.deepEqual(await labels(new StatusChangesParams().sortByStatus()), ['A-2', 'B-1', 'A-1', 'A-3', 'A-1'])
  assert.deepEqual(await labels(new StatusChangesParams().sortByDate().sortAscending()), ['B-1', 'A-1', 'A-1', 'A-2', 'A-3'])
  assert.deepEqual(await labels(new StatusChangesParams().sortByObjectLabel()), ['A-1', 'A-1', 'A-2', 'A-3', 'B-1'])
  assert.deepEqual(await labels(new StatusChangesParams().withFilter('2')), ['A-2'])
  const first = await client.events.statusChanges(key).firstPage(null, 2)
  const second = await client.events.statusChanges(key).pageAfter(first.nextPageStartsAfter, null, 2)
  assert.deepEqual(second.items.map(item => item.objectLabel), ['A-1', 'A-1'])
  const back = await client.events.statusChanges(key).pageBefore(second.previousPageEndsBefore, null, 2)
  assert.deepEqual(back.items.map(item => item.objectLabel), ['A-3', 'A-2'])
  await client.events.book(key, new ObjectProperties('C-1').setExtraData({ foo: 'bar' }), null, 'order1')
  const [newest] = (await client.events.statusChangesForObject(key, 'C-1').firstPage()).items
  assert.equal(newest.eventId, event.id)
  assert.equal(newest.orderId, 'order1')
  assert.equal(newest.displayedLabel, 'C-1')
  assert.deepEqual(newest.extraData, { foo: 'bar' })
  assert.equal(newest.origin.type, 'API_CALL')
  assert.equal(newest.isPresentOnChart, true)
  assert.equal(newest.notPresentOnChartReason, undefined)
  assert.equal(newest.holdToken, null)
  assert.equal((await client.events.statusChangesForObject(key, 'A-3').firstPage()).items[0].holdToken, holdToken)
})

test('sections and floors show in labels, ids and entrances', async () => {
  const { client, key } = await server.event('sections')
  const seat = await client.events.retrieveObjectInfo(key, 'Section A-1-1')
  assert.deepEqual([seat.entrance, seat.ids.section, seat.labels.section], ['Entrance 1', 'Section A', 'Stalls'])
  const floors = await server.event('floors')
  const upstairs = await floors.client.events.retrieveObjectInfo(floors.key, 'S2-B-1')
  assert.deepEqual({ ...upstairs.floor }, { name: '2', displayName: 'Floor 2' })
})
