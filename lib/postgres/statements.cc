#include "lib/postgres/statements.h"

#include <utility>

#include "lib/postgres/translate.h"

namespace ticketing::postgres {
namespace {

constexpr size_t kStatementsMax = 256;

// The type of each argument over all lists; false when one has two.
bool CommonTypes(std::span<const SqlArgs> rows, std::vector<TypeId>& types) {
  types.assign(rows.front().size(), kUnknownType);
  for (const SqlArgs& args : rows) {
    for (size_t i = 0; i < types.size(); ++i) {
      const TypeId type = TypeOf(args[i]);
      if (type == kUnknownType || type == types[i]) continue;
      if (types[i] != kUnknownType) return false;
      types[i] = type;
    }
  }
  return true;
}

}  // namespace

PreparedPtr Statements::Own(std::string_view sql, size_t arguments) {
  if (Entry* const known = Find(sql); known != nullptr && known->own)
    return known->variants.front();
  Entry& entry = Add(sql, Entry{std::string(sql), arguments, true, {}});
  return AddVariant(entry, std::vector<TypeId>(arguments, kText));
}

StatusOr<PreparedPtr> Statements::For(std::string_view sql, const SqlArgs& args) {
  TICKETING_ASSIGN_OR_RETURN(Entry* const entry, Acquire(sql, args.size()));
  for (const PreparedPtr& variant : entry->variants) {
    size_t i = 0;
    while (i < args.size() && (args[i].index() == 0 || TypeOf(args[i]) == variant->types[i])) ++i;
    if (i == args.size()) return variant;
  }
  std::vector<TypeId> types;
  for (const SqlValue& value : args) types.push_back(TypeOf(value));
  return AddVariant(*entry, std::move(types));
}

StatusOr<PreparedPtr> Statements::ForArrays(std::string_view sql, std::span<const SqlArgs> rows,
                                            std::vector<TypeId>& types) {
  TICKETING_RETURN_IF_ERROR(Acquire(sql, rows.front().size()).status());
  if (!CommonTypes(rows, types)) return PreparedPtr();
  // No statement of a user begins with a zero byte.
  std::string key(1, '\0');
  for (const TypeId type : types) key.push_back(static_cast<char>(type));
  key.append(sql);
  if (const Entry* const known = Find(key))
    return known->sql.empty() ? PreparedPtr() : known->variants.front();
  std::vector<TypeId> arrays;
  for (const TypeId type : types) {
    if (type != kUnknownType) arrays.push_back(ArrayOf(type));
  }
  Entry& entry = Add(key, Entry{WithArrays(sql, types).value_or(""), arrays.size(), false, {}});
  PreparedPtr variant = AddVariant(entry, std::move(arrays));
  return entry.sql.empty() ? PreparedPtr() : variant;
}

Statements::Entry* Statements::Find(std::string_view key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  if (found->second != entries_.begin()) entries_.splice(entries_.begin(), entries_, found->second);
  return &entries_.front().second;
}

Statements::Entry& Statements::Add(std::string_view key, Entry entry) {
  entries_.emplace_front(std::string(key), std::move(entry));
  index_[entries_.front().first] = entries_.begin();
  if (entries_.size() > kStatementsMax) {
    for (PreparedPtr& variant : entries_.back().second.variants) {
      if (variant->sent) forgotten_.push_back(std::move(variant));
    }
    index_.erase(entries_.back().first);
    entries_.pop_back();
  }
  return entries_.front().second;
}

StatusOr<Statements::Entry*> Statements::Acquire(std::string_view sql, size_t arguments) {
  Entry* entry = Find(sql);
  if (entry == nullptr || entry->own) {
    // One of our own (BEGIN) in the mouth of a user is refused here.
    TICKETING_ASSIGN_OR_RETURN(Translated translated, Translate(sql));
    entry = &Add(sql, Entry{std::move(translated.sql), translated.arguments, false, {}});
  }
  if (entry->arguments != arguments)
    return MakeError(ErrorCode::kInternal, "a statement was given a wrong number of arguments");
  return entry;
}

PreparedPtr Statements::AddVariant(Entry& entry, std::vector<TypeId> types) {
  entry.variants.push_back(std::make_shared<Prepared>(
      Prepared{"s" + std::to_string(++names_), entry.sql, std::move(types), false}));
  return entry.variants.back();
}

}  // namespace ticketing::postgres
