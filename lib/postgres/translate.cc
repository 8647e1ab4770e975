#include "lib/postgres/translate.h"

#include <algorithm>
#include <array>
#include <vector>

namespace ticketing::postgres {
namespace {

constexpr size_t kNone = static_cast<size_t>(-1);

// A piece of the text: a word, an argument, one other character, or something that is passed on as
// it stands (spaces, comments, quoted texts and names).
struct Token {
  enum class Kind { kWord, kArgument, kSymbol, kOther };
  Kind kind = Kind::kOther;
  std::string_view text;
  std::string upper;  // of a word
  int depth = 0;      // how many parentheses are open; a parenthesis itself counts as outside
};
using Tokens = std::vector<Token>;

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Where the quoted piece or comment that starts at `at` ends; `at` when there is none.
size_t EndOfQuoted(std::string_view sql, size_t at) {
  const char c = sql[at];
  if (c == '\'' || c == '"') {
    // A doubled quote inside reads as the end of one piece and the start of the next.
    const size_t end = sql.find(c, at + 1);
    return end == std::string_view::npos ? sql.size() : end + 1;
  }
  if (sql.substr(at).starts_with("--")) return std::min(sql.find('\n', at), sql.size());
  if (sql.substr(at).starts_with("/*")) {
    const size_t end = sql.find("*/", at + 2);
    return end == std::string_view::npos ? sql.size() : end + 2;
  }
  return at;
}

Tokens Split(std::string_view sql) {
  Tokens tokens;
  int depth = 0;
  for (size_t at = 0; at < sql.size();) {
    Token token;
    const char c = sql[at];
    size_t end = EndOfQuoted(sql, at);
    if (end == at) {
      if (IsWord(c)) {
        token.kind = Token::Kind::kWord;
        while (end < sql.size() && IsWord(sql[end])) ++end;
        token.upper = std::string(sql.substr(at, end - at));
        std::ranges::transform(token.upper, token.upper.begin(), [](char letter) {
          return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
        });
      } else if (IsSpace(c)) {
        while (end < sql.size() && IsSpace(sql[end])) ++end;
      } else {
        token.kind = c == '?' ? Token::Kind::kArgument : Token::Kind::kSymbol;
        ++end;
      }
    }
    if (token.kind == Token::Kind::kSymbol && c == ')') --depth;
    token.depth = depth;
    if (token.kind == Token::Kind::kSymbol && c == '(') ++depth;
    token.text = sql.substr(at, end - at);
    tokens.push_back(std::move(token));
    at = end;
  }
  return tokens;
}

bool IsSymbol(const Token& token, char c) {
  return token.kind == Token::Kind::kSymbol && token.text[0] == c;
}

// The next token from `at` on that is neither space, comment nor quoted; kNone at the end.
size_t NextPlain(const Tokens& tokens, size_t at) {
  while (at < tokens.size() && tokens[at].kind == Token::Kind::kOther) ++at;
  return at < tokens.size() ? at : kNone;
}

bool IsAnyOf(const std::string& word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

Status CheckWords(const Tokens& tokens) {
  const size_t first = NextPlain(tokens, 0);
  if (first == kNone)
    return MakeError(ErrorCode::kInternal, "a text must hold exactly one SQL statement");
  if (!IsAnyOf(tokens[first].upper, {"SELECT", "WITH", "VALUES", "INSERT", "UPDATE", "DELETE",
                                     "CREATE", "ALTER", "DROP"})) {
    return MakeError(ErrorCode::kInternal,
                     "only queries, changes and definitions are the business of a database "
                     "function");
  }
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::kWord) continue;
    const std::string& word = tokens[i].upper;
    const size_t next = NextPlain(tokens, i + 1);
    const bool called = next != kNone && IsSymbol(tokens[next], '(');
    if (IsAnyOf(word, {"CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "LOCALTIME",
                       "LOCALTIMESTAMP"}) ||
        (called &&
         IsAnyOf(word, {"RANDOM", "RANDOMBLOB", "GEN_RANDOM_UUID", "NOW", "CLOCK_TIMESTAMP",
                        "STATEMENT_TIMESTAMP", "TRANSACTION_TIMESTAMP", "TIMEOFDAY", "NEXTVAL",
                        "CURRVAL", "LASTVAL", "SETVAL", "SET_CONFIG"}))) {
      return MakeError(ErrorCode::kInternal, "time, randomness and ids are arguments in SQL");
    }
  }
  return OkStatus();
}

std::string_view TypeName(const Token& token) {
  if (token.upper == "INTEGER") return "BIGINT";
  if (token.upper == "BLOB") return "BYTEA";
  // Bytes decide the order, as in SQLite, whatever the database's own language.
  if (token.upper == "TEXT") return "TEXT COLLATE \"C\"";
  return token.text;
}

// Which tokens of a definition are types: in CREATE TABLE the second word of each column, in ALTER
// TABLE ... ADD the one after the column's name.
std::vector<bool> FindTypes(const Tokens& tokens) {
  std::vector<bool> types(tokens.size(), false);
  std::vector<size_t> words;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind == Token::Kind::kWord) words.push_back(i);
  }
  if (words.size() < 2 || tokens[words[1]].upper != "TABLE") return types;
  if (tokens[words[0]].upper == "ALTER") {
    for (size_t i = 0; i + 2 < words.size(); ++i) {
      if (tokens[words[i]].upper != "ADD") continue;
      const size_t name = tokens[words[i + 1]].upper == "COLUMN" ? i + 2 : i + 1;
      if (name + 1 < words.size()) types[words[name + 1]] = true;
    }
  } else if (tokens[words[0]].upper == "CREATE") {
    int place = 0;  // of a word within its column
    for (size_t i = 0; i < tokens.size(); ++i) {
      const bool opens = IsSymbol(tokens[i], '(') && tokens[i].depth == 0;
      const bool parts = IsSymbol(tokens[i], ',') && tokens[i].depth == 1;
      if (opens || parts) place = 0;
      if (tokens[i].kind == Token::Kind::kWord && tokens[i].depth == 1 && ++place == 2)
        types[i] = true;
    }
  }
  return types;
}

// The first word of SQLite's table options; there is nothing else behind the columns.
size_t FindTableOptions(const Tokens& tokens) {
  const size_t first = NextPlain(tokens, 0);
  if (first == kNone || tokens[first].upper != "CREATE") return tokens.size();
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].depth == 0 && IsAnyOf(tokens[i].upper, {"STRICT", "WITHOUT"})) return i;
  }
  return tokens.size();
}

std::string Numbered(size_t number) {
  return "$" + std::to_string(number);
}

// The tokens from `begin` to `end` with each argument replaced by its column of the arrays.
class ArrayWriter {
 public:
  ArrayWriter(const Tokens& tokens, std::span<const TypeId> types)
      : tokens_(tokens), types_(types) {}

  void Append(std::string& out, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      if (tokens_[i].kind != Token::Kind::kArgument) {
        out.append(tokens_[i].text);
      } else if (types_[argument_++] == kUnknownType) {
        out.append("NULL");
      } else {
        out.append("args_.a").append(std::to_string(argument_));
      }
    }
  }

  // " unnest($1::BIGINT[], ...) AS args_ (a1, ...)"
  std::string Source() const {
    std::string arrays;
    std::string names;
    size_t number = 0;
    for (size_t i = 0; i < types_.size(); ++i) {
      if (types_[i] == kUnknownType) continue;
      const std::string_view type = types_[i] == kInt8   ? "::BIGINT[]"
                                    : types_[i] == kText ? "::TEXT[]"
                                                         : "::BYTEA[]";
      const std::string_view comma = number == 0 ? "" : ", ";
      arrays.append(comma).append(Numbered(++number)).append(type);
      names.append(comma).append("a").append(std::to_string(i + 1));
    }
    return " unnest(" + arrays + ") AS args_ (" + names + ")";
  }

 private:
  const Tokens& tokens_;
  const std::span<const TypeId> types_;
  size_t argument_ = 0;
};

size_t FindWord(const Tokens& tokens, std::string_view word) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].depth == 0 && tokens[i].upper == word) return i;
  }
  return kNone;
}

bool HasArgument(const Tokens& tokens, size_t begin, size_t end) {
  return std::any_of(tokens.begin() + static_cast<std::ptrdiff_t>(begin),
                     tokens.begin() + static_cast<std::ptrdiff_t>(end),
                     [](const Token& token) { return token.kind == Token::Kind::kArgument; });
}

std::optional<std::string> InsertWithArrays(const Tokens& tokens, std::span<const TypeId> types) {
  const size_t values = FindWord(tokens, "VALUES");
  if (values == kNone || HasArgument(tokens, 0, values)) return std::nullopt;
  const size_t open = NextPlain(tokens, values + 1);
  if (open == kNone || !IsSymbol(tokens[open], '(')) return std::nullopt;
  size_t close = open + 1;
  while (close < tokens.size() && !(IsSymbol(tokens[close], ')') && tokens[close].depth == 0))
    ++close;
  if (close == tokens.size() || HasArgument(tokens, close, tokens.size())) return std::nullopt;
  // A second list, or anything else that is no ON CONFLICT.
  const size_t rest = NextPlain(tokens, close + 1);
  if (rest != kNone && tokens[rest].upper != "ON") return std::nullopt;
  ArrayWriter writer(tokens, types);
  std::string out;
  writer.Append(out, 0, values);
  out.append("SELECT ");
  writer.Append(out, open + 1, close);
  out.append(" FROM").append(writer.Source());
  writer.Append(out, close + 1, tokens.size());
  return out;
}

}  // namespace

StatusOr<Translated> Translate(std::string_view sql) {
  const Tokens tokens = Split(sql);
  TICKETING_RETURN_IF_ERROR(CheckWords(tokens));
  const std::vector<bool> types = FindTypes(tokens);
  const size_t end = FindTableOptions(tokens);
  Translated out;
  out.sql.reserve(sql.size() + 32);
  for (size_t i = 0; i < end; ++i) {
    if (tokens[i].kind == Token::Kind::kArgument) {
      out.sql.append(Numbered(++out.arguments));
    } else {
      out.sql.append(types[i] ? TypeName(tokens[i]) : tokens[i].text);
    }
  }
  return out;
}

std::optional<std::string> WithArrays(std::string_view sql, std::span<const TypeId> types) {
  if (std::ranges::all_of(types, [](TypeId type) { return type == kUnknownType; }))
    return std::nullopt;
  const Tokens tokens = Split(sql);
  // The rewriting adds a FROM, and what stands behind it must not be taken for something else.
  for (const Token& token : tokens) {
    if (IsAnyOf(token.upper, {"SELECT", "FROM", "RETURNING", "WITH", "USING"}) &&
        !(token.upper == "FROM" && token.depth == 0 && tokens[0].upper == "DELETE"))
      return std::nullopt;
  }
  const std::string& verb = tokens[0].upper;
  if (verb == "INSERT") return InsertWithArrays(tokens, types);
  const size_t where = FindWord(tokens, "WHERE");
  if (where == kNone || (verb != "UPDATE" && verb != "DELETE")) return std::nullopt;
  ArrayWriter writer(tokens, types);
  std::string out;
  writer.Append(out, 0, where);
  out.append(verb == "UPDATE" ? "FROM" : "USING").append(writer.Source()).append(" ");
  writer.Append(out, where, tokens.size());
  return out;
}

}  // namespace ticketing::postgres
