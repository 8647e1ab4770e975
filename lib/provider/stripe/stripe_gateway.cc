#include "ticketing/provider/stripe/stripe_gateway.h"

#include <optional>
#include <utility>
#include <vector>

#include "lib/provider/stripe/stripe_json.h"
#include "ticketing/base/assert.h"

namespace ticketing {
namespace {

using stripe::ApiError;

// application/x-www-form-urlencoded with Stripe's bracket names.
class Form {
 public:
  void Add(std::string_view name, std::string_view value) {
    if (!body_.empty()) body_.push_back('&');
    body_ += PercentEncode(name) + "=" + PercentEncode(value);
  }
  void AddUnlessEmpty(std::string_view name, std::string_view value) {
    if (!value.empty()) Add(name, value);
  }
  std::string Take() { return std::move(body_); }

 private:
  std::string body_;
};

std::string LowerCode(Currency currency) {
  std::string code(currency.code());
  for (char& c : code) c = static_cast<char>(c - 'A' + 'a');
  return code;
}

std::string ChargeForm(const ChargeRequest& request) {
  Form form;
  form.Add("amount", std::to_string(request.amount.minor));
  form.Add("currency", LowerCode(request.amount.currency));
  form.Add("confirm", "true");
  if (request.method == ChargeRequest::Method::kOxxo) {
    form.Add("payment_method_types[0]", "oxxo");
    form.Add("payment_method_data[type]", "oxxo");
    form.Add("payment_method_data[billing_details][name]", request.payer_name);
    form.Add("payment_method_data[billing_details][email]", request.payer_email);
    form.Add("payment_method_options[oxxo][expires_after_days]",
             std::to_string(request.voucher_days));
  } else {
    form.Add("payment_method_types[0]", "card");
    form.Add("payment_method", request.payment_method);
  }
  form.AddUnlessEmpty("description", request.description);
  form.Add("metadata[payment_id]", request.payment.ToString());
  form.Add("metadata[order_id]", request.order.ToString());
  return form.Take();
}

Status Unknown(std::string_view what) {
  return MakeError(ErrorCode::kGatewayUnavailable,
                   "The payment gateway gave no clear answer: " + std::string(what) + ".");
}

// An answer that a repeat with the same key may turn into a clear one.
bool IsWorthRepeating(int status) {
  return status == 409 || status == 429 || status >= 500;
}

// What an error answer means. A decline is not among them: see DeclineOf.
Status ErrorOf(const HttpResponse& response) {
  const ApiError error = stripe::ParseError(response.body);
  if (response.status == 401 || response.status == 403) {
    return MakeError(ErrorCode::kInternal, "The payment gateway refuses our credentials.");
  }
  if (error.type == "idempotency_error") {
    return MakeError(ErrorCode::kIdempotencyMismatch,
                     "The payment gateway knows this key from another request.");
  }
  if (error.code == "payment_intent_unexpected_state" || error.code == "charge_already_refunded") {
    return MakeError(ErrorCode::kConflict, "The payment gateway says: " + error.message);
  }
  if (response.status == 404 || error.code == "resource_missing") {
    if (error.param == "payment_method") {
      return InvalidField("card.payment_method", "is not known to the payment gateway");
    }
    return MakeError(ErrorCode::kNotFound, "The payment gateway does not know this reference.");
  }
  if (IsWorthRepeating(response.status) || error.type.empty()) {
    return Unknown("HTTP " + std::to_string(response.status));
  }
  return InvalidField(error.param.empty() ? "payment" : error.param, error.message);
}

// A bank's no comes as 402 with a card_error that names the PaymentIntent.
std::optional<GatewayResult> DeclineOf(const HttpResponse& response, Money amount) {
  if (response.status != 402) return std::nullopt;
  const ApiError error = stripe::ParseError(response.body);
  if (error.type != "card_error") return std::nullopt;
  return GatewayResult{.outcome = GatewayOutcome::kDeclined,
                       .reference = error.intent,
                       .amount = amount,
                       .decline_code = error.decline_code,
                       .message = error.message};
}

StatusOr<GatewayResult> IntentOf(const StatusOr<HttpResponse>& response) {
  if (!response.ok()) return response.status();
  if (response->status != 200) return ErrorOf(*response);
  std::optional<GatewayResult> result = stripe::ParseIntent(response->body);
  if (!result) return Unknown("an answer that cannot be read");
  return *std::move(result);
}

StatusOr<RefundResult> RefundOf(const StatusOr<HttpResponse>& response) {
  if (!response.ok()) return response.status();
  if (response->status != 200) return ErrorOf(*response);
  std::optional<RefundResult> result = stripe::ParseRefund(response->body);
  if (!result) return Unknown("an answer that cannot be read");
  return *std::move(result);
}

// A reference becomes a part of a path: only what the gateway itself makes.
Status CheckReference(std::string_view reference) {
  if (reference.empty() || reference.size() > limits::kLabelBytesMax) {
    return InvalidField("reference", "must be 1 to 100 characters");
  }
  return OkStatus();
}

}  // namespace

StripeGateway::StripeGateway(HttpClient& client, StripeOptions options)
    : client_(client), options_(std::move(options)) {
  TICKETING_ASSERT(options_.attempts >= 1);
}

StatusOr<HttpResponse> StripeGateway::Send(std::string_view method, std::string_view path,
                                           std::string body, std::string_view idempotency_key) {
  HttpRequest request;
  request.method = method;
  request.target = path;
  request.headers.Add("Authorization", "Bearer " + options_.secret_key);
  request.headers.Add("Stripe-Version", options_.api_version);
  if (method == "POST") {
    TICKETING_ASSERT(!idempotency_key.empty() &&
                     idempotency_key.size() <= limits::kIdempotencyKeyBytesMax);
    request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
    request.headers.Add("Idempotency-Key", idempotency_key);
    request.body = std::move(body);
  }
  Status failure = OkStatus();
  for (int attempt = 0; attempt < options_.attempts; ++attempt) {
    StatusOr<HttpResponse> response = client_.Send(request, options_.timeout);
    if (!response.ok()) {
      const ErrorCode code = CodeOf(response.status());
      if (code != ErrorCode::kUnavailable && code != ErrorCode::kDeadlineExceeded) {
        return response.status();
      }
      failure = Unknown("no answer");
    } else if (IsWorthRepeating(response->status)) {
      failure = Unknown("HTTP " + std::to_string(response->status));
    } else {
      return response;
    }
  }
  return failure;
}

StatusOr<GatewayResult> StripeGateway::Charge(const ChargeRequest& request,
                                              std::string_view idempotency_key) {
  const StatusOr<HttpResponse> response =
      Send("POST", "/v1/payment_intents", ChargeForm(request), idempotency_key);
  if (response.ok()) {
    if (std::optional<GatewayResult> decline = DeclineOf(*response, request.amount)) {
      return *std::move(decline);
    }
  }
  return IntentOf(response);
}

StatusOr<GatewayResult> StripeGateway::Retrieve(std::string_view reference) {
  TICKETING_RETURN_IF_ERROR(CheckReference(reference));
  return IntentOf(Send("GET", "/v1/payment_intents/" + PercentEncode(reference), "", ""));
}

StatusOr<GatewayResult> StripeGateway::Cancel(std::string_view reference,
                                              std::string_view idempotency_key) {
  TICKETING_RETURN_IF_ERROR(CheckReference(reference));
  const std::string path = "/v1/payment_intents/" + PercentEncode(reference) + "/cancel";
  return IntentOf(Send("POST", path, "", idempotency_key));
}

StatusOr<RefundResult> StripeGateway::Refund(const RefundRequest& request,
                                             std::string_view idempotency_key) {
  TICKETING_RETURN_IF_ERROR(CheckReference(request.reference));
  Form form;
  form.Add("payment_intent", request.reference);
  form.Add("amount", std::to_string(request.amount.minor));
  form.Add("metadata[refund_id]", request.refund.ToString());
  return RefundOf(Send("POST", "/v1/refunds", form.Take(), idempotency_key));
}

StatusOr<RefundResult> StripeGateway::RetrieveRefund(std::string_view reference) {
  TICKETING_RETURN_IF_ERROR(CheckReference(reference));
  return RefundOf(Send("GET", "/v1/refunds/" + PercentEncode(reference), "", ""));
}

}  // namespace ticketing
