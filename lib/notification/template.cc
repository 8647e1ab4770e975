#include "ticketing/notification/template.h"
#include "ticketing/base/html.h"

#include <optional>

namespace ticketing::notification {
namespace {

constexpr int kDepthMax = 8;
constexpr size_t kOutputBytesMax = 1 << 20;

Status Malformed(std::string_view detail) {
  return InvalidField("template", detail);
}

bool IsBlank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

std::string SubjectText(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

struct Tag {
  char kind = 'v';  // v value, # section, ^ inverted, / end, ! comment
  std::string_view name;
  size_t begin = 0;
  size_t end = 0;  // behind the braces, and behind the line when the tag stands alone on it
};

// Walks over a template once per section item; holds no copy of it.
class Renderer {
 public:
  Renderer(std::string_view text, TemplateFormat format) : text_(text), format_(format) {}

  StatusOr<std::string> Run(const TemplateData& data) {
    scopes_.push_back(&data);
    TICKETING_RETURN_IF_ERROR(Body("", true, 0).status());
    return std::move(out_);
  }

 private:
  // Renders from `pos_` to the end tag of `section` (or the end of the text) and returns where that
  // tag ends.
  StatusOr<size_t> Body(std::string_view section, bool emit, int depth) {
    if (depth > kDepthMax) return Malformed("sections are nested too deep");
    while (true) {
      TICKETING_ASSIGN_OR_RETURN(const std::optional<Tag> tag, NextTag());
      if (!tag) {
        if (!section.empty()) return Malformed("a section is not closed");
        if (emit) out_.append(text_.substr(pos_));
        return text_.size();
      }
      if (emit) out_.append(text_.substr(pos_, tag->begin - pos_));
      if (out_.size() > kOutputBytesMax) return Malformed("the result is too large");
      pos_ = tag->end;
      if (tag->kind == '/') {
        if (tag->name != section || section.empty()) return Malformed("an end tag closes nothing");
        return pos_;
      }
      if (tag->kind == '!') continue;
      if (tag->kind == 'v') {
        if (emit) TICKETING_RETURN_IF_ERROR(Value(tag->name));
      } else {
        TICKETING_RETURN_IF_ERROR(Section(*tag, emit, depth));
      }
    }
  }

  Status Section(const Tag& tag, bool emit, int depth) {
    const std::vector<TemplateData>* items = emit ? FindList(tag.name) : nullptr;
    const bool empty = items == nullptr || items->empty();
    const size_t start = pos_;
    if (tag.kind == '#' && !empty) {
      for (const TemplateData& item : *items) {
        pos_ = start;
        scopes_.push_back(&item);
        const auto end = Body(tag.name, true, depth + 1);
        scopes_.pop_back();
        TICKETING_RETURN_IF_ERROR(end.status());
      }
      return OkStatus();
    }
    return Body(tag.name, emit && tag.kind == '^' && empty, depth + 1).status();
  }

  Status Value(std::string_view name) {
    for (size_t i = scopes_.size(); i > 0; --i) {
      const auto found = scopes_[i - 1]->values.find(std::string(name));
      if (found == scopes_[i - 1]->values.end()) continue;
      switch (format_) {
        case TemplateFormat::kText:
          out_.append(found->second);
          break;
        case TemplateFormat::kHtml:
          out_.append(EscapeHtml(found->second));
          break;
        case TemplateFormat::kSubject:
          out_.append(SubjectText(found->second));
          break;
      }
      return OkStatus();
    }
    return Malformed("there is no value for " + std::string(name));
  }

  const std::vector<TemplateData>* FindList(std::string_view name) const {
    for (size_t i = scopes_.size(); i > 0; --i) {
      const auto found = scopes_[i - 1]->lists.find(std::string(name));
      if (found != scopes_[i - 1]->lists.end()) return &found->second;
    }
    return nullptr;
  }

  StatusOr<std::optional<Tag>> NextTag() const {
    const size_t open = text_.find("{{", pos_);
    if (open == std::string_view::npos) return std::optional<Tag>();
    const size_t close = text_.find("}}", open + 2);
    if (close == std::string_view::npos) return Malformed("a tag is not closed");
    Tag tag{.begin = open, .end = close + 2};
    std::string_view inside = text_.substr(open + 2, close - open - 2);
    if (!inside.empty() && std::string_view("#^/!").find(inside[0]) != std::string_view::npos) {
      tag.kind = inside[0];
      inside.remove_prefix(1);
    }
    tag.name = Trim(inside);
    if (tag.name.empty() && tag.kind != '!') return Malformed("a tag has no name");
    if (tag.kind != 'v') AloneOnLine(tag);
    return std::optional<Tag>(tag);
  }

  // A section tag or comment alone on its line takes the line with it, as Mustache has it.
  void AloneOnLine(Tag& tag) const {
    size_t begin = tag.begin;
    while (begin > pos_ && IsBlank(text_[begin - 1])) --begin;
    const bool at_start = begin == 0 || text_[begin - 1] == '\n';
    size_t end = tag.end;
    while (end < text_.size() && IsBlank(text_[end])) ++end;
    if (!at_start || (end < text_.size() && text_[end] != '\n')) return;
    tag.begin = begin;
    tag.end = end < text_.size() ? end + 1 : end;
  }

  std::string_view text_;
  TemplateFormat format_;
  size_t pos_ = 0;
  std::vector<const TemplateData*> scopes_;
  std::string out_;
};

}  // namespace

StatusOr<std::string> RenderTemplate(std::string_view text, const TemplateData& data,
                                     TemplateFormat format) {
  return Renderer(text, format).Run(data);
}

}  // namespace ticketing::notification
