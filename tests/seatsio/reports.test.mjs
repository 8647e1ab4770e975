// Reports about events and charts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Channel, CreateEventParams, CreateSeasonParams, Month, Versions } from 'seatsio'
import { Server } from './support/server.mjs'

let server
before(async () => { server = await Server.start('--test_mode') })
after(() => server.stop())

const lengths = report => Object.fromEntries(Object.entries(report).map(([key, list]) => [key, list.length]))

test('detailed reports: an area is one object, empty buckets are there', async () => {
  const { client, key } = await server.event('simple', new CreateEventParams().withChannels([
    new Channel({ key: 'c1', name: 'c', color: 'blue', objects: ['B-1', 'B-2'] })]))
  await client.events.book(key, ['A-1', 'A-2'], null, 'order1')
  await client.events.changeObjectStatus(key, 'A-3', 'lolzor')
  const reports = client.eventReports
  assert.deepEqual(lengths(await reports.byStatus(key)), { booked: 2, lolzor: 1, free: 31 })
  assert.deepEqual(lengths(await reports.byStatus(key, 'lolzor')), { lolzor: 1 })
  assert.deepEqual(lengths(await reports.byOrderId(key)), { order1: 2, NO_ORDER_ID: 32 })
  assert.deepEqual(lengths(await reports.byCategoryKey(key)), { 9: 17, 10: 17, string11: 0, NO_CATEGORY: 0 })
  assert.deepEqual(lengths(await reports.byCategoryLabel(key, 'Cat1')), { Cat1: 17 })
  assert.deepEqual(lengths(await reports.byObjectType(key)), { seat: 32, generalAdmission: 2, table: 0, booth: 0 })
  assert.deepEqual(lengths(await reports.bySection(key)), { NO_SECTION: 34 })
  assert.deepEqual(lengths(await reports.byChannel(key)), { c1: 2, NO_CHANNEL: 32 })
  assert.deepEqual(lengths(await reports.byAvailability(key)), { available: 31, not_available: 3 })
  assert.deepEqual(lengths(await reports.byAvailabilityReason(key)),
    { available: 31, booked: 2, lolzor: 1, not_for_sale: 0, reservedByToken: 0, disabled_by_social_distancing: 0 })
  const byLabel = await reports.byLabel(key)
  assert.equal(byLabel['A-1'].length, 1)
  assert.deepEqual([byLabel.GA1[0].variableOccupancy, byLabel.GA1[0].minOccupancy, byLabel.GA1[0].maxOccupancy], [true, 1, 100])
})

test('summaries count places, by every other property', async () => {
  const { client, key } = await server.event()
  await client.events.book(key, 'A-1')
  const byStatus = await client.eventReports.summaryByStatus(key)
  assert.deepEqual(byStatus, {
    booked: {
      count: 1, bySection: { NO_SECTION: 1 }, byObjectType: { seat: 1 }, byCategoryKey: { 9: 1 }, byCategoryLabel: { Cat1: 1 },
      byAvailability: { not_available: 1 }, byAvailabilityReason: { booked: 1 }, byChannel: { NO_CHANNEL: 1 }, byZone: { NO_ZONE: 1 }
    },
    free: {
      count: 231, bySection: { NO_SECTION: 231 }, byObjectType: { generalAdmission: 200, seat: 31 }, byCategoryKey: { 9: 115, 10: 116 },
      byCategoryLabel: { Cat1: 115, Cat2: 116 }, byAvailability: { available: 231 }, byAvailabilityReason: { available: 231 },
      byChannel: { NO_CHANNEL: 231 }, byZone: { NO_ZONE: 231 }
    }
  })
  const empty = { count: 0, bySection: {}, byStatus: {}, byAvailability: {}, byAvailabilityReason: {}, byChannel: {}, byObjectType: {}, byZone: {} }
  const byCategory = await client.eventReports.summaryByCategoryKey(key)
  assert.deepEqual(byCategory.NO_CATEGORY, empty)
  assert.deepEqual(byCategory.string11, empty)
  assert.deepEqual(byCategory[9].byStatus, { booked: 1, free: 115 })
  const deep = await client.eventReports.deepSummaryByCategoryLabel(key)
  assert.equal(deep.Cat1.bySection.NO_SECTION.byAvailability.not_available, 1)
  assert.equal((await client.eventReports.deepSummaryByAvailability(key)).not_available.byCategoryLabel.Cat1.bySection.NO_SECTION, 1)
})

test('an area that is partly held, booked, closed and set aside is counted place by place', async () => {
  const { client, key } = await server.event('simple', new CreateEventParams().withChannels([
    new Channel({ key: 'c1', name: 'c', color: 'blue', areaPlaces: { GA1: 20 } })]))
  const { holdToken } = await client.holdTokens.create()
  await client.events.hold(key, { objectId: 'GA1', quantity: 5 }, holdToken)
  await client.events.book(key, { objectId: 'GA1', quantity: 7 }, null, null, null, null, ['c1'])
  await client.events.editForSaleConfig(key, null, [{ object: 'GA1', quantity: 10 }])
  const area = (await client.eventReports.summaryByObjectType(key)).generalAdmission
  assert.deepEqual(area.byStatus, { free: 188, booked: 7, reservedByToken: 5 })
  assert.deepEqual(area.byChannel, { c1: 20, NO_CHANNEL: 180 })
  assert.deepEqual(area.byAvailabilityReason, { available: 178, not_for_sale: 10, booked: 7, reservedByToken: 5 })
})

test('zones, flat lists and CSV', async () => {
  const zones = await server.event('zones')
  assert.deepEqual(lengths(await zones.client.eventReports.byZone(zones.key)), { finishline: 15, midtrack: 15, NO_ZONE: 0 })
  const { client, key } = await server.event()
  await client.events.book(key, [{ objectId: 'A-1', extraData: { text: '=1+1,"x"' } }], null, '=cmd')
  const flat = await client.eventReports.flatList(key)
  assert.deepEqual(flat.slice(0, 2).map(info => [info.label, info.status]), [['A-1', 'booked'], ['A-2', 'free']])
  assert.equal(flat.length, 34)
  const csv = await client.eventReports.flatListCsv(key)
  const [, line] = csv.split('\r\n')
  assert.ok(line.startsWith('A-1,booked,seat,9,Cat1,'))
  assert.ok(line.includes("'=cmd"))
})

test('bookings of a season can be left out', async () => {
  const { client, chart } = await server.event()
  const season = await client.seasons.create(chart, new CreateSeasonParams().numberOfEvents(1))
  await client.events.book(season.key, 'A-1')
  const match = season.events[0].key
  assert.equal((await client.eventReports.byStatus(match)).booked.length, 1)
  assert.equal((await client.eventReports.withSeasonBookingsNotPropagated().byStatus(match)).booked, undefined)
})

test('reports about charts, published and draft, with tables in every form', async () => {
  const { client, admin } = await server.company()
  const chart = await server.upload(admin.secretKey, 'tables')
  await client.events.create(chart)
  await client.charts.update(chart, 'a draft')
  for (const version of [Versions.publishedVersion, Versions.draftVersion]) {
    const labels = async whole => Object.keys(await client.chartReports.byLabel(chart, whole, version)).filter(label => label !== 'B1')
    assert.equal((await labels()).length, 21)
    assert.deepEqual((await labels('true')).sort(), ['T1', 'T2', 'T3'])
    assert.equal((await labels('false')).length, 18)
    assert.deepEqual((await labels('chart')).filter(label => !label.includes('-')).sort(), ['T2', 'T3'])
    const table = (await client.chartReports.byLabel(chart, 'true', version)).T1[0]
    assert.deepEqual([table.numSeats, table.bookAsAWhole, table.objectType], [6, false, 'table'])
    const summary = await client.chartReports.summaryByObjectType(chart, 'true', version)
    assert.equal(summary.table.count, 3)
    assert.deepEqual(summary.generalAdmission, { count: 0, bySection: {}, byCategoryKey: {}, byCategoryLabel: {}, byZone: {} })
  }
  const simple = await server.upload(admin.secretKey, 'simple')
  assert.deepEqual(await client.chartReports.summaryBySection(simple), {
    NO_SECTION: { count: 232, byCategoryKey: { 9: 116, 10: 116 }, byCategoryLabel: { Cat1: 116, Cat2: 116 }, byObjectType: { generalAdmission: 200, seat: 32 }, byZone: { NO_ZONE: 232 } }
  })
})

test('nothing is billed', async () => {
  const { client } = await server.company()
  assert.deepEqual((await client.usageReports.summaryForAllMonths()).usage, [])
  assert.deepEqual(await client.usageReports.detailsForMonth(new Month(2026, 11)), [])
  assert.deepEqual((await client.usageReports.billableRenderingsSummaryForMonth(new Month(2026, 11))).usage, {})
})
