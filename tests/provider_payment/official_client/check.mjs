// Drives the sandbox gateway with the client that Stripe itself publishes.
//
//   node check.mjs <port> <secret key> <webhook body> <webhook header> <webhook secret>
//
// Exits 0 when every expectation held. The last line of output is a webhook header that the client signed.
import assert from "node:assert/strict";
import Stripe from "stripe";

const [port, key, body, header, secret] = process.argv.slice(2);
const connect = (apiKey) =>
  new Stripe(apiKey, { host: "127.0.0.1", port: Number(port), protocol: "http", maxNetworkRetries: 0, telemetry: false });
const stripe = connect(key);
const card = { amount: 16500, currency: "mxn", confirm: true, payment_method_types: ["card"] };

async function fails(promise, expected) {
  await assert.rejects(promise, (error) => {
    for (const [name, value] of Object.entries(expected)) assert.equal(error[name], value, `${name} of ${error}`);
    return true;
  });
}

// Approved, declined, and paid with another card after all.
const paid = await stripe.paymentIntents.create({ ...card, payment_method: "pm_card_visa", metadata: { order: "7" } });
assert.equal(paid.status, "succeeded");
assert.equal(paid.amount_received, 16500);
assert.deepEqual((await stripe.paymentIntents.retrieve(paid.id)).metadata, { order: "7" });
await fails(stripe.paymentIntents.create({ ...card, payment_method: "pm_card_chargeDeclined" }), {
  type: "StripeCardError",
  statusCode: 402,
  code: "card_declined",
  decline_code: "generic_decline",
});
const open = await stripe.paymentIntents.create({ amount: 500, currency: "mxn" });
assert.equal(open.status, "requires_payment_method");
await fails(stripe.paymentIntents.confirm(open.id, { payment_method: "pm_card_chargeDeclinedInsufficientFunds" }), {
  decline_code: "insufficient_funds",
});
assert.equal((await stripe.paymentIntents.confirm(open.id, { payment_method: "pm_card_visa" })).status, "succeeded");

// Idempotency keys.
const once = { idempotencyKey: "order-7" };
const first = await stripe.paymentIntents.create({ ...card, payment_method: "pm_card_visa" }, once);
const again = await stripe.paymentIntents.create({ ...card, payment_method: "pm_card_visa" }, once);
assert.equal(again.id, first.id);
assert.equal(again.lastResponse.headers["idempotent-replayed"], "true");
await fails(stripe.paymentIntents.create({ ...card, amount: 1, payment_method: "pm_card_visa" }, once), {
  type: "StripeIdempotencyError",
  statusCode: 400,
});

// Capture, cancel, refund.
const held = await stripe.paymentIntents.create({ ...card, payment_method: "pm_card_visa", capture_method: "manual" });
assert.equal(held.status, "requires_capture");
assert.equal((await stripe.paymentIntents.capture(held.id, { amount_to_capture: 10000 })).amount_received, 10000);
const dropped = await stripe.paymentIntents.create({ amount: 500, currency: "mxn" });
assert.equal((await stripe.paymentIntents.cancel(dropped.id)).status, "canceled");
await fails(stripe.paymentIntents.cancel(dropped.id), { code: "payment_intent_unexpected_state" });
const refund = await stripe.refunds.create({ payment_intent: paid.id, amount: 6500 });
assert.equal(refund.status, "succeeded");
assert.equal((await stripe.refunds.retrieve(refund.id)).amount, 6500);
await fails(stripe.refunds.create({ payment_intent: paid.id, amount: 10001 }), { param: "amount" });
assert.equal((await stripe.refunds.create({ charge: paid.latest_charge })).amount, 10000);
await fails(stripe.refunds.create({ payment_intent: paid.id }), { code: "charge_already_refunded" });

// A card of its own, and a voucher.
const method = await stripe.paymentMethods.create({ type: "card", card: { number: "4000000000000002", exp_month: 1, exp_year: 2040, cvc: "123" } });
assert.equal(method.card.last4, "0002");
await fails(stripe.paymentIntents.create({ ...card, payment_method: method.id }), { code: "card_declined" });
const voucher = await stripe.paymentIntents.create({
  amount: 5000,
  currency: "mxn",
  confirm: true,
  payment_method_types: ["oxxo"],
  payment_method_data: { type: "oxxo", billing_details: { name: "Ana", email: "succeed_immediately@example.com" } },
});
assert.equal(voucher.next_action.type, "oxxo_display_details");
assert.equal((await stripe.paymentIntents.retrieve(voucher.id)).status, "succeeded");

// Refusals.
await fails(stripe.paymentIntents.create({ currency: "mxn" }), { type: "StripeInvalidRequestError", param: "amount" });
await fails(stripe.paymentIntents.retrieve("pi_none"), { statusCode: 404, code: "resource_missing" });
await fails(connect("sk_test_wrong").paymentIntents.retrieve(paid.id), { type: "StripeAuthenticationError" });

// Webhooks: theirs reads ours, and ours will read theirs.
assert.equal(stripe.webhooks.constructEvent(body, header, secret).id, "evt_1");
console.log(stripe.webhooks.generateTestHeaderString({ payload: body, secret }));
