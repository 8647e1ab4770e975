// Changes of status: of many objects, on many events, in one step.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_OBJECTS_H_
#define TICKETING_LIB_SERVICE_SEATSIO_OBJECTS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/service/seatsio/hold_tokens.h"
#include "lib/service/seatsio/shapes.h"

namespace ticketing::seatsio {

// One object of a request.
struct Asked {
  std::string label;
  int64_t quantity = 1;
  seat::PickNote note;
};

enum class ChangeKind { kStatus, kOverrideSeason, kUseSeason };

// One change of a request, before it is known of which event.
struct Change {
  ChangeKind kind = ChangeKind::kStatus;
  seat::Step step;  // without picks and notes
  std::vector<Asked> objects;
  std::optional<std::string> season;   // key, for overrides
  std::optional<HoldToken> token;      // the step holds with it
  std::optional<std::string> listing;  // for resale
};

// A change of one event.
struct EventChange {
  std::shared_ptr<const KnownEvent> event;
  const Change* change = nullptr;
};

// Reads what is said of a change beside its objects. Errors: refusals.
Status ReadAccess(Fields& in, seat::Step& step);

LaneNote NoteOf(const Call& call);

// Whether any of the changes has to do with resale.
bool TouchesResale(const std::vector<seat::Changes>& changes);

// What is written with a change of one event: that `token` has a hold in its lane, if one is given,
// and the listing of what came up for resale; listings of what no longer is go.
Status WriteBeside(SqlTransaction& tx, const std::optional<HoldToken>& token,
                   const std::optional<std::string>& listing, const EventRow& event,
                   const std::vector<seat::Changes>& changes);

// Thread-safe.
class Objects {
 public:
  Objects(const Context& context, EventStore& events, HoldTokens& tokens)
      : context_(context), events_(events), tokens_(tokens) {}

  std::vector<Route> Routes();

  // Reads a change of a request. Errors: refusals.
  StatusOr<Change> Read(const Call& call, const Json& request);
  // Sets the step's status, hold and rights out of what a request says.
  Status ReadStatus(const Call& call, Fields& in, std::optional<std::string> status,
                    Change& change);

  // Makes all changes, in order, or none. Gives the objects of each by label, as they are
  // afterwards: JSON, empty without `describe`.
  StatusOr<std::vector<std::string>> Run(const Call& call, const std::vector<EventChange>& changes,
                                         bool describe);

 private:
  StatusOr<Reply> ChangeGroups(Call& call);
  StatusOr<Reply> ChangeBatch(Call& call);
  StatusOr<Reply> ChangeOne(Call& call, std::string_view status);
  StatusOr<Reply> ChangeSeason(Call& call, ChangeKind kind);
  StatusOr<Reply> GetObjects(Call& call);
  StatusOr<Reply> UpdateExtra(Call& call);
  StatusOr<Reply> UpdateExtras(Call& call);
  StatusOr<Reply> PutExtras(Call& call, const Json& extras);

  const Context& context_;
  EventStore& events_;
  HoldTokens& tokens_;
};

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_OBJECTS_H_
