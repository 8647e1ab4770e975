// Methods of the client that the other tests have no reason to call.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Channel, CreateEventParams, ForSaleConfig } from 'seatsio'
import { Server, all } from './support/server.mjs'

let server
before(async () => { server = await Server.start('--test_mode') })
after(() => server.stop())

const counts = summary => Object.fromEntries(Object.entries(summary).map(([key, bucket]) => [key, bucket.count]).filter(([, count]) => count > 0))

test('every summary of an event counts the same places, each in its own way', async () => {
  const { client, key } = await server.event('simple', new CreateEventParams()
    .withChannels([new Channel({ key: 'fans', name: 'fans', color: '#ff0000', index: 1, objects: ['B-1', 'B-2'] })])
    .withForSaleConfig(new ForSaleConfig(false, ['C-1'])))
  await client.events.book(key, ['A-1', 'A-2', { objectId: 'GA1', quantity: 10 }])
  const reports = client.eventReports
  const expected = {
    Status: { booked: 12, free: 220 }, CategoryKey: { 9: 116, 10: 116 }, CategoryLabel: { Cat1: 116, Cat2: 116 },
    Section: { NO_SECTION: 232 }, Zone: { NO_ZONE: 232 }, Channel: { fans: 2, NO_CHANNEL: 230 },
    ObjectType: { seat: 32, generalAdmission: 200 }
  }
  for (const [what, wanted] of Object.entries(expected)) {
    assert.deepEqual(counts(await reports[`summaryBy${what}`](key)), wanted, what)
    assert.deepEqual(counts(await reports[`deepSummaryBy${what}`](key)), wanted, `deep, ${what}`)
  }
  for (const prefix of ['summaryBy', 'deepSummaryBy']) {
    const availability = counts(await reports[`${prefix}Availability`](key))
    assert.equal(availability.available + availability.not_available, 232)
    assert.ok(availability.not_available >= 13, JSON.stringify(availability))
    const reasons = counts(await reports[`${prefix}AvailabilityReason`](key))
    assert.deepEqual([reasons.booked, reasons.not_for_sale], [12, 1])
    assert.equal(Object.values(reasons).reduce((sum, n) => sum + n, 0), 232)
  }
})

test('for sale and not, by the old names', async () => {
  const { client, key } = await server.event()
  await client.events.markAsForSale(key, ['A-1'], { GA1: 3 }, ['Cat2'])
  assert.deepEqual((await client.events.retrieve(key)).forSaleConfig, new ForSaleConfig(true, ['A-1'], { GA1: 3 }, ['Cat2']))
  await client.events.markAsNotForSale(key, ['A-2'])
  assert.deepEqual((await client.events.retrieve(key)).forSaleConfig.objects, ['A-2'])
  await client.events.book(key, 'A-1')
  await client.events.markEverythingAsNotForSale(key)
  assert.equal((await client.events.retrieveObjectInfo(key, 'A-3')).forSale, false)
  await client.events.markEverythingAsForSale(key)
  assert.equal((await client.events.retrieve(key)).forSaleConfig, null)
})

test('drafts of charts: a thumbnail of their own, and on again after off', async () => {
  const { client, admin } = await server.company()
  const chart = await server.upload(admin.secretKey, 'simple')
  await client.events.create(chart)
  await client.charts.update(chart, 'a draft')
  assert.ok(String(await client.charts.retrieveDraftVersionThumbnail(chart)).length > 0)
  await client.accounts.disableDraftChartDrawings()
  await client.accounts.enableDraftChartDrawings()
  assert.equal((await client.accounts.retrieveMyAccount()).settings.draftChartDrawingsEnabled, true)
})

test('chart summaries, published and draft', async () => {
  const { client, admin } = await server.company()
  const chart = await server.upload(admin.secretKey, 'zones')
  for (const what of ['CategoryKey', 'CategoryLabel', 'Section', 'Zone', 'ObjectType']) {
    const summary = counts(await client.chartReports[`summaryBy${what}`](chart))
    assert.equal(Object.values(summary).reduce((sum, n) => sum + n, 0), 30, what)
  }
})

test('pages of workspaces, active and inactive', async () => {
  const { client, workspace } = await server.company()
  const made = []
  for (const name of ['one', 'two', 'three']) made.push(await client.workspaces.create(name))
  await client.workspaces.deactivate(made[0].key)
  await client.workspaces.deactivate(made[1].key)
  const active = await client.workspaces.listActiveFirstPage(null, 1)
  assert.equal(active.items.length, 1)
  const next = await client.workspaces.listActivePageAfter(active.nextPageStartsAfter, null, 1)
  assert.deepEqual([...active.items, ...next.items].map(ws => ws.key).sort(), [workspace.key, made[2].key].sort())
  const back = await client.workspaces.listActivePageBefore(next.previousPageEndsBefore, null, 1)
  assert.equal(back.items[0].key, active.items[0].key)
  const inactive = await client.workspaces.listInactiveFirstPage(null, 1)
  const rest = await client.workspaces.listInactivePageAfter(inactive.nextPageStartsAfter, null, 1)
  assert.deepEqual([...inactive.items, ...rest.items].map(ws => ws.key).sort(), [made[0].key, made[1].key].sort())
  assert.equal((await client.workspaces.listInactivePageBefore(rest.previousPageEndsBefore, null, 1)).items[0].key, inactive.items[0].key)
  assert.equal((await all(client.workspaces.listAll())).length, 4)
})
